import type { OpenTransaction } from '../bench/application.ts';
import { holds, refuses, same, sameIds } from '../bench/assertions.ts';
import { appendAndBury } from '../bench/graveyard.ts';
import type { StoreBench } from '../bench/store-bench.ts';
import { verbCases, verbOf } from '../bench/verbs.ts';
import type { StoreClause } from './store-clause.ts';

export const S13_1: StoreClause = {
  id: 'S13.1',
  title: 'After `close` every verb is refused with `STORE_CLOSED`; `close` can be called again.',
  cases: [
    { name: 'close twice' },
    { name: 'close before any other verb' },
    { name: 'close leaves transactions of the application alone' },
    ...verbCases('closed'),
  ],
  async run(bench, name) {
    if (name === 'close before any other verb') {
      const raw = await bench.installation.connect();
      await raw.close();
      await raw.close();
    } else if (name === 'close twice') {
      await bench.appendMany(3);
      await bench.drain();
      // The guard calls an adapter once; others may not.
      await bench.raw.close();
      await bench.raw.close();
      await Promise.all([bench.raw.close(), bench.raw.close()]);
    } else if (name === 'close leaves transactions of the application alone') {
      const transaction = await bench.begin();
      const message = bench.make.stored();
      await transaction.append(message);
      await bench.store.close();
      await transaction.commit();
      sameIds(await bench.drain({ store: await bench.connect() }), [message], 'messages of a transaction');
    } else {
      await bench.appendOne();
      const { lease } = await bench.hold();
      await bench.store.close();
      await refuses(
        () => verbOf(name).call(bench, bench.store, lease),
        ['STORE_CLOSED'],
        `${name}, after close`,
      );
    }
  },
};

export const S13_2: StoreClause = {
  id: 'S13.2',
  title: 'A store opened again finds what was there.',
  when: { durability: 'durable' },
  cases: [
    { name: 'messages' },
    { name: 'retries and scheduled messages' },
    { name: 'leases' },
    { name: 'dead letters', facet: 'recovery' },
    { name: 'receipts', facet: 'inbox' },
    { name: 'history', facet: 'inspection' },
    { name: 'what a killed process committed', needs: ['appendAndDie'] },
  ],
  async run(bench, name) {
    if (name === 'what a killed process committed') {
      const message = bench.make.stored();
      await bench.power('appendAndDie')(bench.installation, message);
      sameIds(await bench.drain(), [message], 'messages of a process that was killed after its commit');
      return;
    }
    const receipt = { consumer: 'billing', messageId: 'm' };
    const record = (transaction: OpenTransaction): unknown =>
      bench.store.inbox?.record(transaction.handle, receipt);
    let appended = await bench.appendMany(3, { key: 'k' });
    if (name === 'retries and scheduled messages') await delay(bench);
    if (name === 'leases') await bench.holdAndRead();
    if (name === 'history') await bench.drain();
    if (name === 'dead letters') {
      await bench.drain();
      const dying = [bench.make.stored({ key: 'a' }), bench.make.stored({ key: 'b' })];
      appended = await appendAndBury(bench, dying, { block: true });
    }
    if (name === 'receipts') {
      const transaction = await bench.begin();
      await record(transaction);
      await transaction.commit();
    }
    await bench.store.close();
    const store = await bench.connect();
    if (name === 'leases') {
      sameIds(await bench.drain({ store }), [], 'messages free although a lease from before is held');
      await bench.elapse(bench.leaseMs + 1);
    }
    if (name === 'retries and scheduled messages') {
      sameIds(await bench.drain({ store }), [], 'messages free although they wait');
      await bench.elapse(bench.leaseMs + 1);
    }
    if (name === 'history') {
      const states = await Promise.all(appended.map(async ({ id }) => store.inspection?.find(id)));
      same(
        states.map((traces) => traces?.[0]?.state),
        ['sent', 'sent', 'sent'],
        'states found after reopening',
      );
    } else if (name === 'dead letters') {
      sameIds((await store.recovery?.list())?.letters ?? [], appended, 'dead letters after reopening');
    } else if (name === 'receipts') {
      const transaction = await bench.begin();
      same(await store.inbox?.record(transaction.handle, receipt), false, 'record of a receipt from before');
      await transaction.rollback();
    } else {
      const left = await bench.drain({ store });
      holds(left.length >= appended.length, `${left.length} of ${appended.length} messages were left`);
    }
  },
};

/** Puts the messages that are there behind a retry, and adds a scheduled one. */
async function delay(bench: StoreBench): Promise<void> {
  const { held, messages } = await bench.holdAndRead();
  await held.retry(messages, bench.leaseMs);
  await held.release();
  const availableAt = new Date((await bench.now()).getTime() + bench.leaseMs);
  await bench.appendOne({ key: 'other', availableAt });
}

export const S13_5: StoreClause = {
  id: 'S13.5',
  title: 'The transactions facet commits what returns, rolls back what throws, and passes the error on.',
  facet: 'transactions',
  cases: [{ name: 'returns' }, { name: 'throws' }, { name: 'throws after an append' }],
  async run(bench, name) {
    const { transactions } = bench.store;
    holds(transactions !== undefined, 'the store has lost its transactions facet');
    const message = bench.make.stored();
    const append = (tx: unknown): unknown => bench.store.append(tx, [message], { autocommit: false });
    if (name === 'returns') {
      const report = await transactions.run((tx) => append(tx) as never);
      same(report, { duplicates: [] }, 'what the transaction answered');
      sameIds(await bench.drain(), [message], 'messages of a transaction that returned');
      return;
    }
    const failure = new RangeError('the business rule says no');
    let seen: unknown;
    try {
      await transactions.run((tx) => {
        if (name === 'throws') throw failure;
        const appended = append(tx);
        if (!(appended instanceof Promise)) throw failure;
        return appended.then(() => {
          throw failure;
        }) as never;
      });
    } catch (error) {
      seen = error;
    }
    holds(seen === failure, `the error passed on is not the one that was thrown, but ${String(seen)}`);
    sameIds(await bench.drain(), [], 'messages of a transaction that threw');
    const later = await bench.appendOne();
    sameIds(await bench.drain(), [later], 'messages after a transaction that threw');
  },
};

export const S13_7: StoreClause = {
  id: 'S13.7',
  title: 'After `close` nothing of the store keeps the process alive.',
  cases: [{ name: 'after work' }, { name: 'while listening', facet: 'wakeups' }, { name: 'before any work' }],
  async run(bench, name) {
    const alive = (): readonly string[] =>
      process.getActiveResourcesInfo().filter((resource) => !resource.startsWith('FSReq'));
    // Appended before the count: connections of the application's own pool are not the store's.
    if (name !== 'before any work') await bench.appendMany(3);
    const before = countOf(alive());
    const store = await bench.connect();
    if (name !== 'before any work') await bench.drain({ store });
    if (name === 'while listening')
      await store.wakeups?.listen({ wake: () => {}, lost: () => {}, restored: () => {} });
    await store.close();
    let left: readonly string[] = [];
    const quiet = async (): Promise<boolean> => {
      left = [...countOf(alive())]
        .filter(([kind, count]) => count > (before.get(kind) ?? 0))
        .map(([kind]) => kind);
      return left.length === 0;
    };
    await bench
      .eventually(`everything of the store to end after its close`, quiet)
      .catch((error: unknown) => {
        holds(left.length === 0, `after close these are still there: ${left.join(', ')}`);
        throw error;
      });
  },
};

function countOf(resources: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const resource of resources) counts.set(resource, (counts.get(resource) ?? 0) + 1);
  return counts;
}
