import { IN_TRANSACTION } from '../bench/application.ts';
import { holds, rejects, same, sameIds, sameOrder, sameOrderPerKey } from '../bench/assertions.ts';
import { payloadPrint } from '../bench/payload-print.ts';
import type { StoreBench } from '../bench/store-bench.ts';
import type { StoreClause } from './store-clause.ts';

const WRITERS = 20;
const APPENDS_PER_WRITER = 5;
/** Where the declared limit is higher, this stands for it. */
const MOST_MESSAGES = 10_000;

export const S1_1: StoreClause = {
  id: 'S1.1',
  title: 'A message exists for relays if and only if the transaction it was appended in commits.',
  cases: [
    { name: 'after the commit' },
    { name: 'also for a store that was there before' },
    { name: 'not before the commit', needs: ['concurrentWriters'] },
    { name: 'not without a commit' },
  ],
  async run(bench, name) {
    const relay = name === 'also for a store that was there before' ? await bench.connect() : bench.store;
    sameIds(await bench.drain({ store: relay }), [], 'messages of an empty outbox');
    const transaction = await bench.begin();
    const message = bench.make.stored({ key: 'k' });
    await transaction.append(message);
    if (name === 'not before the commit') {
      sameIds(await bench.available(), [], 'messages yielded while their transaction is open');
    }
    if (name === 'not without a commit') await transaction.rollback();
    else await transaction.commit();
    const expected = name === 'not without a commit' ? [] : [message];
    sameIds(
      await bench.drain({ store: relay }),
      expected,
      'messages yielded after the end of the transaction',
    );
  },
};

export const S1_2: StoreClause = {
  id: 'S1.2',
  title: 'A rolled-back transaction leaves no message and causes no wake-up.',
  cases: [{ name: 'no message' }, { name: 'no wake-up', facet: 'wakeups' }],
  async run(bench, name) {
    let wakes = 0;
    if (name === 'no wake-up') {
      const listener = { wake: () => wakes++, lost: () => {}, restored: () => {} };
      await bench.store.wakeups?.listen(listener);
    }
    const transaction = await bench.begin();
    await transaction.append(...bench.make.many(3, { key: 'k' }));
    await transaction.rollback();
    if (name === 'no wake-up') {
      await bench.never(() => (wakes > 0 ? 'a rolled-back append woke a listener' : undefined));
      return;
    }
    sameIds(await bench.drain(), [], 'messages yielded after a rollback');
    const kept = await bench.appendOne({ key: 'k' });
    sameIds(await bench.drain(), [kept], 'messages after a later commit');
  },
};

async function receiptsAroundSavepoint(bench: StoreBench): Promise<void> {
  const transaction = await bench.begin();
  const record = async (messageId: string): Promise<boolean | undefined> =>
    bench.store.inbox?.record(transaction.handle, { consumer: 'billing', messageId });
  same(await record('before'), true, 'record before the savepoint');
  const rollBack = await transaction.savepoint();
  same(await record('dropped'), true, 'record after the savepoint');
  await rollBack();
  same(await record('before'), false, 'record, after the rollback, of the receipt before the savepoint');
  same(await record('dropped'), true, 'record, after the rollback, of the receipt that it dropped');
  await transaction.commit();
}

export const S1_3: StoreClause = {
  id: 'S1.3',
  title: 'A rollback to a savepoint drops the messages and receipts written after it and no other.',
  when: { savepoints: 'supported' },
  cases: [{ name: 'others' }, { name: 'the same id again' }, { name: 'receipts', facet: 'inbox' }],
  async run(bench, name) {
    if (name === 'receipts') {
      await receiptsAroundSavepoint(bench);
      return;
    }
    const [before, dropped, other] = bench.make.trio({ key: 'k' });
    const after = name === 'the same id again' ? { ...other, id: dropped.id } : other;
    const transaction = await bench.begin();
    await transaction.append(before);
    const rollBack = await transaction.savepoint();
    await transaction.append(dropped);
    await rollBack();
    const { duplicates } = await transaction.append(after);
    same(duplicates, [], 'duplicates reported after the rollback to the savepoint');
    await transaction.commit();
    const yielded = await bench.drain();
    sameOrder(yielded, [before, after], 'messages yielded after a rollback to a savepoint');
    const kept = payloadPrint(yielded[1]?.payload ?? null);
    same(kept, payloadPrint(after.payload), 'payload of the message appended after the rollback');
  },
};

export const S1_4: StoreClause = {
  id: 'S1.4',
  title: 'All messages of one append are written, or none.',
  cases: [
    { name: 'all' },
    { name: 'none, when a message cannot be read' },
    { name: 'none, when the database refuses a row', needs: ['refuseRow'] },
  ],
  async run(bench, name) {
    const [third, ...others] = bench.make.trio({ key: 'k' });
    const messages = [...others, third, bench.make.stored({ key: 'k' })];
    const transaction = await bench.begin();
    if (name === 'all') {
      await transaction.append(...messages);
      await transaction.commit();
      sameOrder(await bench.drain(), messages, 'messages of one append');
      return;
    }
    if (name === 'none, when a message cannot be read') {
      // Whatever an adapter does first, one of its steps for the third message fails.
      const unreadable = (): never => {
        throw new RangeError('this headers object cannot be read');
      };
      messages[2] = { ...third, headers: new Proxy({}, { ownKeys: unreadable, get: unreadable }) };
    } else {
      await bench.power('refuseRow')(bench.installation, third.id);
    }
    await rejects(() => transaction.append(...messages), 'an append of which one message fails');
    // The application may catch the error and commit all the same; where the database forbids it, nothing is there.
    await transaction.commit().catch(() => transaction.rollback());
    sameIds(await bench.drain(), [], 'messages yielded of an append that failed');
  },
};

export const S1_5: StoreClause = {
  id: 'S1.5',
  title: 'Several appends in one transaction exist together or not at all, in the order of append.',
  cases: [{ name: 'together' }, { name: 'not at all' }],
  async run(bench, name) {
    const messages = bench.make.many(6, { key: 'k' });
    const transaction = await bench.begin();
    for (let at = 0; at < messages.length; at += 2) await transaction.append(...messages.slice(at, at + 2));
    if (name === 'together') await transaction.commit();
    else await transaction.rollback();
    const expected = name === 'together' ? messages : [];
    sameOrder(await bench.drain(), expected, 'messages of three appends in one transaction');
  },
};

export const S1_8: StoreClause = {
  id: 'S1.8',
  title: 'With `autocommit` a message is written without a transaction of the caller.',
  async run(bench) {
    const messages = bench.make.many(3, { key: 'k' });
    const root = await bench.installation.rootHandle();
    await bench.store.append(root, messages, { autocommit: true });
    sameOrder(await bench.drain(), messages, 'messages appended with autocommit');
  },
};

export const S1_16: StoreClause = {
  id: 'S1.16',
  title: 'The message has been written when the call returns.',
  when: { append: 'sync' },
  async run(bench) {
    const message = bench.make.stored();
    const transaction = await bench.begin();
    const report: unknown = bench.store.append(transaction.handle, [message], IN_TRANSACTION);
    // A synchronous driver commits before commit() returns, so whatever append put off comes too late.
    const committed = transaction.commit();
    holds(
      !(report instanceof Promise),
      'append answered with a promise although it declares to be synchronous',
    );
    same((report as { duplicates: unknown }).duplicates, [], 'the report of a synchronous append');
    await committed;
    sameIds(await bench.drain(), [message], 'messages written by the time append returned');
  },
};

export const S1_18: StoreClause = {
  id: 'S1.18',
  title: 'Many transactions that append at the same time all succeed, and every message is yielded once.',
  async run(bench) {
    const written = await Promise.all(
      Array.from({ length: WRITERS }, async (_, writer) => {
        const messages = bench.make.many(APPENDS_PER_WRITER, { key: `writer-${writer % 7}` });
        const { transaction } = await bench.untilUncontested(await bench.begin(), async (open) => {
          for (const message of messages) await open.append(message);
        });
        await transaction.commit();
        return messages;
      }),
    );
    const yielded = await bench.drain();
    sameIds(yielded, written.flat(), `messages of ${WRITERS} transactions at once`);
    // All of one writer have one key, so their order is that of their append, whatever others do.
    for (const messages of written) {
      const own = yielded.filter(({ id }) => messages.some((message) => message.id === id));
      sameOrder(own, messages, `messages of one of ${WRITERS} transactions at once`);
    }
  },
};

export const S1_20: StoreClause = {
  id: 'S1.20',
  title: 'An append of as many messages as the store declares is taken, in their order.',
  async run(bench) {
    const { capabilities, manyRows = MOST_MESSAGES } = bench.harness;
    const count = Math.min(capabilities.limits.maxMessagesPerAppend, manyRows, MOST_MESSAGES);
    const messages = Array.from({ length: count }, (_, at) => bench.make.stored({ key: `k${at % 7}` }));
    await bench.append(...messages);
    const yielded = await bench.drain();
    sameIds(yielded, messages, `messages of one append of ${count}`);
    sameOrderPerKey(yielded, messages, `messages of one append of ${count}`);
  },
};
