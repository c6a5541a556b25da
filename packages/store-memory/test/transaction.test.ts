import { setImmediate as othersRun } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { type MemoryTransaction, memoryStore } from '../src/index.ts';

const RECEIPT = { consumer: 'billing', messageId: 'm' };

it('work that ends its transaction itself and then fails has its own error thrown', async () => {
  const store = memoryStore();
  const failing = store.transactions?.run(async (transaction) => {
    transaction.commit();
    throw new Error('after the commit');
  });
  await expect(failing).rejects.toThrow('after the commit');
  const careless = store.transactions?.run(async (transaction) => transaction.rollback());
  await expect(careless).rejects.toMatchObject({ code: 'TRANSACTION_CLOSED' });
});

it('two records of one receipt in a transaction that wait for another one do not wait for each other', async () => {
  const store = memoryStore();
  const [first, second] = [store.begin(), store.begin()];
  const record = async (transaction: MemoryTransaction): Promise<boolean | undefined> =>
    store.inbox?.record(transaction, RECEIPT);
  await record(first);
  const waiting = [record(second), record(second)];
  await othersRun();
  first.rollback();
  expect(await Promise.all(waiting)).toEqual([true, false]);
});
