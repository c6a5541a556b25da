import type { ClaimedMessage, NewMessage, ReadRequest } from '@outrelay/core';
import type { OpenTransaction } from '../bench/application.ts';
import { holds, same, sameIds, sameOrder, sameOrderPerKey } from '../bench/assertions.ts';
import type { StoreBench } from '../bench/store-bench.ts';
import type { StoreClause } from './store-clause.ts';

const WRITERS = 12;

export const S2_1: StoreClause = {
  id: 'S2.1',
  title: 'Messages of one key are yielded in the order of append, also when their times are equal.',
  cases: [
    { name: 'of one append' },
    { name: 'of many transactions' },
    { name: 'in small reads' },
    { name: 'one by one' },
    { name: 'in reads of few bytes' },
    { name: 'with times in the past' },
  ],
  async run(bench, name) {
    const now = (await bench.now()).getTime();
    const messages = Array.from({ length: 60 }, (_, at) => {
      const message = bench.make.stored({ key: `k${bench.random.below(4)}` });
      // Large ones do not fit where small ones behind them would.
      if (name === 'in reads of few bytes')
        return { ...message, payload: 'x'.repeat(at % 3 === 1 ? 900 : 9) };
      // A time that has passed already asks for nothing.
      if (name === 'with times in the past' && at % 3 !== 0)
        return { ...message, availableAt: new Date(now - (at % 3) * 60_000 - at) };
      return message;
    });
    if (name === 'of many transactions') for (const message of messages) await bench.append(message);
    else await bench.append(...messages);
    const yielded = await drainInParts(bench, PARTS[name] ?? {});
    sameIds(yielded, messages, 'messages yielded');
    sameOrderPerKey(yielded, messages, 'order of yielded messages');
  },
};

/** How much a read asks for, by case. */
const PARTS: Readonly<Record<string, Partial<ReadRequest>>> = {
  'in small reads': { messages: 7 },
  'one by one': { messages: 1 },
  'in reads of few bytes': { bytes: 1_000 },
};

async function drainInParts(bench: StoreBench, part: Partial<ReadRequest>): Promise<ClaimedMessage[]> {
  const yielded: ClaimedMessage[] = [];
  for (let held = await bench.claim(); held !== null; held = await bench.claim()) {
    for (let messages = await held.read(part); messages.length > 0; messages = await held.read(part)) {
      yielded.push(...messages);
      await held.accept(messages);
    }
    await held.release();
  }
  return yielded;
}

export const S2_2: StoreClause = {
  id: 'S2.2',
  title:
    'A message whose transaction commits after a later one of another key has been settled is still yielded.',
  needs: ['concurrentWriters'],
  cases: [{ name: 'under a new lease' }, { name: 'under a lease that is kept' }],
  async run(bench, name) {
    const [early, late] = [bench.make.stored({ key: 'early' }), bench.make.stored({ key: 'late' })];
    const slow = await bench.begin();
    await slow.append(early);
    await bench.append(late);
    const { held, messages } = await bench.holdAndRead();
    sameIds(messages, [late], 'messages yielded while an earlier transaction is open');
    await held.accept(messages);
    if (name === 'under a new lease') await held.release();
    await slow.commit();
    const kept = name === 'under a new lease' ? [] : await held.read();
    if (kept.length > 0) await held.accept(kept);
    await held.release();
    sameIds([...kept, ...(await bench.drain())], [early], 'messages yielded after the late commit');
  },
};

export const S2_3: StoreClause = {
  id: 'S2.3',
  title: 'Rolled-back transactions in between delay nothing.',
  async run(bench) {
    const kept = [];
    for (let round = 0; round < 6; round++) {
      const transaction = await bench.begin();
      await transaction.append(...bench.make.many(3, { key: 'k' }));
      await transaction.rollback();
      kept.push(await bench.appendOne({ key: 'k' }));
    }
    sameOrder(await bench.drain(), kept, 'messages yielded between rolled-back ones');
  },
};

export const S2_4: StoreClause = {
  id: 'S2.4',
  title: 'An open transaction, however old, delays no message of others.',
  needs: ['concurrentWriters'],
  async run(bench) {
    const old = await bench.begin();
    await old.append(bench.make.stored({ key: 'old' }));
    await bench.elapse(bench.leaseMs * 2);
    const others = await bench.appendMany(20, { key: 'others' });
    sameOrder(await bench.drain(), others, 'messages of others while an old transaction is open');
    await old.rollback();
  },
};

export const S2_5: StoreClause = {
  id: 'S2.5',
  title:
    'When transactions that append for one key take a lock on it first, messages of the key are yielded in the order of the commits.',
  needs: ['lockKey'],
  cases: [{ name: 'as they begin' }, { name: 'in another order', needs: ['concurrentWriters'] }],
  async run(bench, name) {
    const lock = bench.power('lockKey');
    const committed: NewMessage[] = [];
    const write = async (transaction: OpenTransaction): Promise<void> => {
      const message = bench.make.stored({ key: 'account-1' });
      await lock(transaction.transaction, 'account-1');
      await transaction.append(message);
      // Under the lock, so that the order of this list is the order of the commits.
      committed.push(message);
      await transaction.commit();
    };
    if (name === 'as they begin') {
      await Promise.all(Array.from({ length: WRITERS }, async () => write(await bench.begin())));
    } else {
      const begun = [];
      for (let at = 0; at < WRITERS; at++) begun.push(await bench.begin());
      await Promise.all(bench.random.shuffled(begun).map(write));
    }
    sameOrder(await bench.drain(), committed, 'messages of a key whose writers lock it first');
  },
};

export const S2_6: StoreClause = {
  id: 'S2.6',
  title:
    "Strict messages of one key are yielded in the order of their commits, without any lock of the application's.",
  when: { ordering: 'strict' },
  cases: [
    { name: 'one after the other' },
    { name: 'the first to begin is the last to append', needs: ['concurrentWriters'] },
    { name: 'two append at once', needs: ['concurrentWriters'] },
  ],
  async run(bench, name) {
    const [one, two] = bench.make.pair({ key: 'k', ordering: 'strict' });
    if (name === 'one after the other') {
      await bench.append(one);
      await bench.append(two);
      sameOrder(await bench.drain(), [one, two], 'strict messages');
      return;
    }
    const early = await bench.begin();
    // A transaction that has read or written already has its snapshot and its number.
    await early.append(bench.make.stored({ topic: 'elsewhere', key: 'early' }));
    const late = await bench.begin();
    const appendLast = (): Promise<{ readonly transaction: OpenTransaction }> =>
      bench.untilUncontested(early, (transaction) => transaction.append(two));
    await late.append(one);
    const waiting = name === 'two append at once' ? appendLast() : null;
    await late.commit();
    const { transaction } = await (waiting ?? appendLast());
    await transaction.commit();
    const yielded = (await bench.drain()).filter(({ topic }) => topic === one.topic);
    sameOrder(yielded, [one, two], 'strict messages in the order of the commits');
  },
};

export const S2_7: StoreClause = {
  id: 'S2.7',
  title:
    'Oldest first: while no key waits and none has more messages than half of a read, a message is not yielded before one that was committed before it was appended, of the same topic and under the same lease.',
  cases: [
    { name: 'in small reads' },
    { name: 'in large reads, of keys that have many and keys that have one' },
  ],
  async run(bench, name) {
    const small = name === 'in small reads';
    const { appended, messages } = small
      ? { appended: await appendInTurn(bench), messages: 10 }
      : { appended: await appendEarlyAndLate(bench), messages: 200 };
    const yielded: { id: string }[] = [];
    for (let held = await bench.claim(); held !== null; held = await bench.claim()) {
      const underLease: ClaimedMessage[] = [];
      for (let read = await held.read({ messages }); read.length > 0; read = await held.read({ messages })) {
        underLease.push(...read);
        await held.accept(read);
      }
      await held.release();
      const generations = appended.map((generation) =>
        generation.filter(({ id }) => underLease.some((message) => message.id === id)),
      );
      let from = 0;
      for (const generation of generations) {
        const part = underLease.slice(from, from + generation.length);
        sameIds(part, generation, 'the oldest messages under one lease');
        from += generation.length;
      }
      yielded.push(...underLease);
    }
    sameIds(yielded, appended.flat(), 'messages yielded');
  },
};

/** Appends messages of some keys and of none in turn; answers groups of which each was committed before the next. */
async function appendInTurn(bench: StoreBench): Promise<readonly (readonly { readonly id: string }[])[]> {
  const appended = [];
  for (let round = 0; round < 4; round++) {
    for (let key = 0; key < 6; key++) appended.push([await bench.appendOne({ key: `k${(key * 5) % 6}` })]);
    appended.push([await bench.appendOne()]);
  }
  return appended;
}

/** Appends many messages of few keys, then many keys with one message each; answers both groups. */
async function appendEarlyAndLate(
  bench: StoreBench,
): Promise<readonly (readonly { readonly id: string }[])[]> {
  const early = Array.from({ length: 480 }, (_, at) => bench.make.stored({ key: `early-${at % 8}` }));
  await bench.append(...early);
  const late = Array.from({ length: 200 }, (_, at) => bench.make.stored({ key: `late-${at}` }));
  await bench.append(...late);
  return [early, late];
}

export const S2_8: StoreClause = {
  id: 'S2.8',
  title:
    "A message is not yielded before its `availableAt` by the database's clock, and is yielded from then on.",
  async run(bench) {
    const now = (await bench.now()).getTime();
    const past = await bench.appendOne({ availableAt: new Date(now - 60_000) });
    const future = await bench.appendOne({ availableAt: new Date(now + bench.leaseMs) });
    const far = await bench.appendOne({ availableAt: new Date(now + bench.leaseMs * 100) });
    sameIds(await bench.drain(), [past], 'messages yielded at once');
    await bench.elapse(bench.leaseMs / 2);
    sameIds(await bench.drain(), [], 'messages yielded half-way to availableAt');
    await bench.elapse(bench.leaseMs / 2 + 1);
    const yielded = await bench.drain();
    sameIds(yielded, [future], `messages yielded from availableAt on (${far.id} is later)`);
    same(yielded[0]?.attempt, 1, 'attempt of a scheduled message');
  },
};

export const S2_9: StoreClause = {
  id: 'S2.9',
  title: 'A scheduled message lets later ones of its key pass until it is due.',
  cases: [{ name: 'until then' }, { name: 'from then on' }, { name: 'two of them, the later one due first' }],
  async run(bench, name) {
    const now = (await bench.now()).getTime();
    const availableAt = new Date(now + bench.leaseMs);
    const scheduled = await bench.appendOne({ key: 'k', availableAt });
    if (name === 'two of them, the later one due first') {
      const second = await bench.appendOne({ key: 'k', availableAt: new Date(now + bench.leaseMs / 2) });
      const third = await bench.appendOne({ key: 'k' });
      await bench.elapse(bench.leaseMs + 1);
      // When all are due, their times are past and their places in the order of append count.
      sameOrder(await bench.drain(), [scheduled, second, third], 'messages of a key that are all due');
      return;
    }
    const later = await bench.appendMany(3, { key: 'k' });
    if (name === 'until then') {
      sameOrder(await bench.drain(), later, 'messages behind one that is not due');
      await bench.elapse(bench.leaseMs + 1);
      sameOrder(await bench.drain(), [scheduled], 'messages once it is due');
      return;
    }
    await bench.elapse(bench.leaseMs + 1);
    const yielded = await bench.drain();
    holds(yielded.length > 0, 'nothing was yielded although everything is due');
    sameOrder(yielded, [scheduled, ...later], 'messages of a key whose scheduled message has fallen due');
  },
};
