import { ALL_TOPICS, type NewMessage, namedTopics } from '@outrelay/core';
import { holds, sameIds, sameOrderPerKey } from '../bench/assertions.ts';
import { turns } from '../bench/eventually.ts';
import type { StoreBench } from '../bench/store-bench.ts';
import type { StoreClause } from './store-clause.ts';

const RELAYS = 4;
const DEFAULT_MANY_ROWS = 5_000;
/** Reads that may pass before a message is yielded that nothing holds back. */
const FEW_READS = 4;
/** Reads in which waiting rows may be moved out of the way, once. */
const CLEARING_READS = 40;
const CHUNK = 1_000;

export const S3_9: StoreClause = {
  id: 'S3.9',
  title:
    'Any number of relays that claim, read and settle side by side yield each message once, and all messages, each key in order.',
  async run(bench) {
    const appended = await bench.append(
      ...Array.from({ length: 400 }, (_, at) =>
        bench.make.stored({ key: at % 10 === 0 ? null : `k${bench.random.below(25)}` }),
      ),
    );
    const yielded: NewMessageLike[] = [];
    const relay = async (at: number): Promise<void> => {
      const store = await bench.connect();
      for (;;) {
        const seen = yielded.length;
        // Patience begins anew with each message that anybody gets: a slow store is not one that stands still.
        const held = await bench.eventually(`all messages to be yielded; ${seen} have been`, async () => {
          if (yielded.length >= appended.length) return 'all';
          const lease = await bench.claim({ store, relay: `relay-${at}` });
          return lease ?? (yielded.length > seen ? 'again' : undefined);
        });
        if (held === 'all') return;
        if (held === 'again') continue;
        for (let reads = 0; reads < 3; reads++) {
          const messages = await held.read({ messages: 15 });
          yielded.push(...messages);
          await turns(bench.random.below(3));
          if (messages.length > 0) await held.accept(messages);
        }
        await held.release();
      }
    };
    await Promise.all(Array.from({ length: RELAYS }, (_, at) => relay(at)));
    yielded.push(...(await bench.drain()));
    sameIds(yielded, appended, `messages yielded by ${RELAYS} relays`);
    sameOrderPerKey(yielded, appended, `messages yielded by ${RELAYS} relays`);
  },
};

type NewMessageLike = Pick<NewMessage, 'id' | 'topic' | 'key'>;

/** Puts `count` rows in front that nobody can have now. */
async function obstruct(bench: StoreBench, name: string, count: number): Promise<void> {
  const now = (await bench.now()).getTime();
  const fields: Partial<NewMessage> = {};
  if (name === 'scheduled') Object.assign(fields, { availableAt: new Date(now + bench.leaseMs * 100) });
  if (name === 'unrouted') Object.assign(fields, { topic: 'elsewhere', key: 'k' });
  if (name === 'behind a retry') Object.assign(fields, { key: 'blocked' });
  for (let at = 0; at < count; at += CHUNK) await bench.appendMany(Math.min(CHUNK, count - at), fields);
  if (name === 'waiting for a retry') {
    for (let left = count; left > 0; ) {
      const { held, messages } = await bench.holdAndRead();
      holds(messages.length > 0, `only ${count - left} of ${count} messages were yielded`);
      left -= messages.length;
      await held.retry(messages, bench.leaseMs * 100);
      await held.release();
    }
  }
  if (name === 'behind a retry') {
    const held = await bench.hold();
    await held.retry(await held.read({ messages: 1 }), bench.leaseMs * 100);
    await held.release();
  }
}

export const S3_12: StoreClause = {
  id: 'S3.12',
  title:
    'Messages that wait (for their time, for a retry, behind such a one) or that nobody routes do not keep the others from being yielded, however many they are.',
  cases: [
    { name: 'scheduled' },
    { name: 'unrouted' },
    { name: 'waiting for a retry' },
    { name: 'behind a retry' },
  ],
  async run(bench, name) {
    await obstruct(bench, name, bench.harness.manyRows ?? DEFAULT_MANY_ROWS);
    const fresh = await bench.append(...bench.make.pair({ topic: 'fresh', key: 'fresh' }));
    const topics = name === 'unrouted' ? namedTopics(['orders', 'fresh']) : ALL_TOPICS;
    const yielded = [];
    for (let reads = 0; reads < CLEARING_READS && yielded.length < fresh.length; reads++) {
      const held = await bench.hold({ topics });
      const messages = await held.read({ messages: 50 });
      yielded.push(...messages);
      if (messages.length > 0) await held.accept(messages);
      await held.release();
    }
    sameIds(yielded, fresh, `messages yielded within ${CLEARING_READS} reads past many that are ${name}`);
  },
};

export const S3_17: StoreClause = {
  id: 'S3.17',
  title:
    'One key with many messages does not keep due messages of other keys from being yielded within a few reads.',
  async run(bench) {
    const limit = 20;
    const hot = await bench.appendMany(limit * FEW_READS * 2, { key: 'hot' });
    const others = await bench.append(...['a', 'b', 'c'].map((key) => bench.make.stored({ key })));
    const seen: NewMessageLike[] = [];
    for (let reads = 0; reads < FEW_READS; reads++) {
      const held = await bench.hold();
      const messages = await held.read({ messages: limit });
      seen.push(...messages);
      await held.accept(messages);
      await held.release();
    }
    const yielded = seen.filter(({ key }) => key !== 'hot');
    sameIds(yielded, others, `messages of other keys yielded within ${FEW_READS} reads of ${limit}`);
    seen.push(...(await bench.drain()));
    sameIds(seen, [...hot, ...others], 'messages yielded, those of the key with many included');
    sameOrderPerKey(seen, hot, 'messages of the key with many');
  },
};
