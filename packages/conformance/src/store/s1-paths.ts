import { type ClaimedMessage, type NewMessage, namedTopics } from '@outrelay/core';
import { same, sameIds } from '../bench/assertions.ts';
import { CONTENTS } from '../bench/contents.ts';
import { listAll, recoveryOf } from '../bench/graveyard.ts';
import { payloadPrint } from '../bench/payload-print.ts';
import type { StoreBench } from '../bench/store-bench.ts';
import type { StoreClause } from './store-clause.ts';

type Content = Pick<NewMessage, 'id' | 'topic' | 'key' | 'headers' | 'payload' | 'contentType'>;

/** What must be the same everywhere, payloads as bytes, sorted by id. */
function contents(messages: readonly Content[]): object[] {
  return messages
    .map(({ id, topic, key, headers, payload, contentType }) => {
      return { id, topic, key, headers: { ...headers }, payload: payloadPrint(payload), contentType };
    })
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** One of each of the contents, and a large payload, of keys of their own so that none waits for another. */
function oneOfEach(bench: StoreBench): NewMessage[] {
  const large: Partial<NewMessage> = { payload: bench.random.hex(256).repeat(2_000) };
  return [...Object.values<Partial<NewMessage>>(CONTENTS), large].map((fields, at) =>
    bench.make.stored({ ...fields, key: fields.key === undefined ? `k${at}` : fields.key }),
  );
}

/** Compares one by one, so that a failure names what was changed and not a list of thirty. */
function sameContents(actual: readonly Content[], expected: readonly Content[], what: string): void {
  sameIds(actual, expected, what);
  const [seen, wanted] = [contents(actual), contents(expected)];
  for (const [at, content] of seen.entries()) same(content, wanted[at], what);
}

export const S1_22: StoreClause = {
  id: 'S1.22',
  title:
    'What S1.11 says holds on every way that a message can take: scheduled, behind a retry, after a crash, dead and redriven.',
  cases: [
    { name: 'scheduled' },
    { name: 'behind a retry' },
    { name: 'after a crash' },
    { name: 'dead', facet: 'recovery' },
    { name: 'redriven', facet: 'recovery' },
  ],
  async run(bench, name) {
    const dueAt = new Date((await bench.now()).getTime() + bench.leaseMs);
    const availableAt = name === 'scheduled' ? dueAt : null;
    const appended = oneOfEach(bench).map((message) => ({ ...message, availableAt }));
    await bench.append(...appended);
    if (name === 'scheduled') {
      await bench.elapse(bench.leaseMs + 1);
      sameContents(await bench.drain(), appended, 'messages yielded when they fell due');
      return;
    }
    const { held, messages: before } = await bench.holdAndRead();
    if (name === 'dead' || name === 'redriven') await held.bury(before);
    if (name === 'behind a retry') await held.retry(before, 0);
    // A relay that crashed releases nothing.
    if (name !== 'after a crash') await held.release();
    if (name === 'dead') {
      sameContents(await listAll(bench, {}), appended, 'dead letters');
      return;
    }
    if (name === 'redriven') same(await recoveryOf(bench).redrive({}, 1_000), appended.length, 'redriven');
    if (name === 'after a crash') await bench.elapse(bench.leaseMs + 1);
    const after = await bench.drain({ store: await bench.connect() });
    sameContents(after, appended, `messages yielded ${name}`);
    // Where harnesses let time pass by moving what is stored, the times of a message move with it.
    if (name !== 'after a crash') same(times(after), times(before), `createdAt of messages yielded ${name}`);
  },
};

function times(messages: readonly ClaimedMessage[]): string[] {
  return messages.map(({ id, createdAt }) => `${id} ${createdAt.toISOString()}`).toSorted();
}

/** Texts that a collation, a column that pads or a normalisation takes for one another. */
const ALIKE: readonly string[] = ['key', 'KEY', 'key ', ' key', 'k\u00e9y', 'ke\u0301y', '\uff4bey', 'key\t'];

export const S1_23: StoreClause = {
  id: 'S1.23',
  title:
    'Ids, topics and keys are told apart by every character: case, accents, normal form, width and spaces at the ends.',
  cases: [{ name: 'ids' }, { name: 'topics' }, { name: 'keys' }, { name: 'keys of strict messages' }],
  async run(bench, name) {
    const suffix = bench.random.hex(6);
    if (name === 'ids') {
      const appended = ALIKE.map((text) => bench.make.stored({ id: `${text}${suffix}${text}` }));
      // Some in one append and some in the next, for duplicates are found in two ways.
      await bench.append(...appended.slice(0, 4));
      await bench.append(...appended.slice(4));
      sameIds(await bench.drain(), appended, 'messages whose ids are alike');
      return;
    }
    if (name === 'topics') {
      const appended = await bench.append(...ALIKE.map((topic) => bench.make.stored({ topic })));
      for (const [at, topic] of ALIKE.entries()) {
        const yielded = await bench.drain({ topics: namedTopics([topic]) });
        sameIds(yielded, appended.slice(at, at + 1), `messages of the topic ${JSON.stringify(topic)}`);
      }
      return;
    }
    const strict = name !== 'keys' && bench.harness.capabilities.ordering === 'strict';
    const ordering = strict ? 'strict' : 'key';
    const appended = await bench.append(...ALIKE.map((key) => bench.make.stored({ key, ordering })));
    const { held, messages } = await bench.holdAndRead();
    sameIds(messages, appended, 'messages whose keys are alike');
    // One of them waits; the others are other keys, and none of their business.
    const [first, ...others] = appended;
    await held.retry(
      messages.filter(({ id }) => id === first?.id),
      bench.leaseMs * 10,
    );
    await held.giveBack(messages.filter(({ id }) => id !== first?.id));
    await held.release();
    sameIds(await bench.drain(), others, `messages whose keys are like that of one that waits`);
  },
};
