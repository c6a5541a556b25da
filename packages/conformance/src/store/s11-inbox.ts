import type { OpenTransaction } from '../bench/application.ts';
import { holds, refuses, same, sameIds } from '../bench/assertions.ts';
import { HOSTILE_TEXTS } from '../bench/contents.ts';
import { turns } from '../bench/eventually.ts';
import type { StoreBench } from '../bench/store-bench.ts';
import type { StoreClause } from './store-clause.ts';

const facet = 'inbox';

/** Records in an open transaction; rejects even when a synchronous store throws. */
async function record(
  bench: StoreBench,
  transaction: OpenTransaction,
  messageId: string,
  consumer = 'billing',
): Promise<boolean | undefined> {
  return bench.store.inbox?.record(transaction.handle, { consumer, messageId });
}

async function recordAndCommit(
  bench: StoreBench,
  messageId: string,
  consumer = 'billing',
): Promise<boolean | undefined> {
  const { transaction, value: first } = await bench.untilUncontested(await bench.begin(), (open) =>
    record(bench, open, messageId, consumer),
  );
  await transaction.commit();
  return first;
}

export const S11_1: StoreClause = {
  id: 'S11.1',
  title: 'The first `record` of a receipt answers `true`, every later one `false`.',
  facet,
  cases: [
    { name: 'in later transactions' },
    { name: 'in the same transaction' },
    { name: 'texts of any content' },
  ],
  async run(bench, name) {
    if (name === 'in the same transaction') {
      const transaction = await bench.begin();
      same(await record(bench, transaction, 'm'), true, 'first record');
      same(await record(bench, transaction, 'm'), false, 'second record in the same transaction');
      await transaction.commit();
      same(await recordAndCommit(bench, 'm'), false, 'record in a later transaction');
      return;
    }
    const alike = ['m', 'M', 'm ', ' m', 'é', 'e\u0301', 'i'.repeat(255), '🦊'];
    const ids = name === 'texts of any content' ? [...alike, ...HOSTILE_TEXTS] : ['m'];
    for (const id of ids)
      same(await recordAndCommit(bench, id), true, `first record of ${JSON.stringify(id)}`);
    for (const id of ids)
      same(await recordAndCommit(bench, id), false, `later record of ${JSON.stringify(id)}`);
  },
};

export const S11_2: StoreClause = {
  id: 'S11.2',
  title:
    'Two transactions that record the same receipt at the same time: one gets `true`, the other waits, or is refused and run again, and gets `false` after the first commits, `true` after it rolls back.',
  facet,
  cases: [
    { name: 'the first commits', needs: ['concurrentWriters'] },
    { name: 'the first rolls back', needs: ['concurrentWriters'] },
    { name: 'many at once' },
  ],
  async run(bench, name) {
    if (name === 'many at once') {
      const answers = await Promise.all(Array.from({ length: 8 }, () => recordAndCommit(bench, 'm')));
      same(answers.filter((first) => first === true).length, 1, 'records that answered true, of 8 at once');
      return;
    }
    const [one, two] = [await bench.begin(), await bench.begin()];
    same(await record(bench, one, 'm'), true, 'first record');
    let answered = false;
    const second = bench
      .untilUncontested(two, (open) => record(bench, open, 'm'))
      .finally(() => {
        answered = true;
      });
    await turns(10);
    holds(!answered, 'the second record was answered while the first transaction was open');
    if (name === 'the first commits') await one.commit();
    else await one.rollback();
    const { transaction, value } = await second;
    same(value, name !== 'the first commits', `second record after ${name}`);
    await transaction.commit();
    same(await recordAndCommit(bench, 'm'), false, 'record after both');
  },
};

export const S11_3: StoreClause = {
  id: 'S11.3',
  title: 'A rolled-back transaction leaves no receipt.',
  facet,
  cases: [{ name: 'alone' }, { name: 'with an append' }],
  async run(bench, name) {
    const transaction = await bench.begin();
    same(await record(bench, transaction, 'm'), true, 'first record');
    if (name === 'with an append') await transaction.append(bench.make.stored());
    await transaction.rollback();
    sameIds(await bench.drain(), [], 'messages left by the rollback');
    same(await recordAndCommit(bench, 'm'), true, 'record after the rollback');
  },
};

export const S11_4: StoreClause = {
  id: 'S11.4',
  title: 'Consumers are independent of each other.',
  facet,
  async run(bench) {
    // Joined without care, some of these pairs of consumer and id would be one.
    const pairs = [
      ['billing', 'm'],
      ['shipping', 'm'],
      ['Billing', 'm'],
      ['a', 'b:c'],
      ['a:b', 'c'],
      ['a ', 'b'],
      ['a', ' b'],
    ] as const;
    for (const [consumer, id] of pairs)
      same(await recordAndCommit(bench, id, consumer), true, `first record of ${id} by ${consumer}`);
    for (const [consumer, id] of pairs)
      same(await recordAndCommit(bench, id, consumer), false, `second record of ${id} by ${consumer}`);
  },
};

export const S11_5: StoreClause = {
  id: 'S11.5',
  title: "A duplicate leaves the caller's transaction usable.",
  facet,
  async run(bench) {
    same(await recordAndCommit(bench, 'm'), true, 'first record');
    const transaction = await bench.begin();
    same(await record(bench, transaction, 'm'), false, 'record of a duplicate');
    const message = bench.make.stored();
    await transaction.append(message);
    same(await record(bench, transaction, 'other'), true, 'record after a duplicate');
    await transaction.commit();
    sameIds(await bench.drain(), [message], 'messages appended after a duplicate');
    same(await recordAndCommit(bench, 'other'), false, 'the receipt recorded after a duplicate');
  },
};

export const S11_6: StoreClause = {
  id: 'S11.6',
  title: 'A handle without open transaction is refused with `TRANSACTION_REQUIRED`.',
  facet,
  cases: [{ name: 'no transaction' }, { name: 'an ended transaction' }],
  async run(bench, name) {
    const receipt = { consumer: 'billing', messageId: 'm' };
    if (name === 'no transaction') {
      const root = await bench.installation.rootHandle();
      const call = (): unknown => bench.store.inbox?.record(root, receipt);
      await refuses(call, ['TRANSACTION_REQUIRED'], 'a record without a transaction');
    } else {
      const transaction = await bench.begin();
      await transaction.commit();
      const call = (): unknown => bench.store.inbox?.record(transaction.handle, receipt);
      await refuses(call, ['TRANSACTION_CLOSED', 'TRANSACTION_REQUIRED'], 'a record after the commit');
    }
    same(await recordAndCommit(bench, 'm'), true, 'first record after the refusal');
  },
};
