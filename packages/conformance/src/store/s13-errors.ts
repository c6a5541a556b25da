import { isOutboxError } from '@outrelay/core';
import { holds, rejects, same, sameIds, sameOrderPerKey } from '../bench/assertions.ts';
import { turns } from '../bench/eventually.ts';
import { appendAndBury } from '../bench/graveyard.ts';
import type { StoreBench } from '../bench/store-bench.ts';
import { VERBS, verbCases, verbOf } from '../bench/verbs.ts';
import type { StoreClause } from './store-clause.ts';

const AT_ONCE = 6;

function isRetryable(error: unknown): boolean {
  return isOutboxError(error) && error.retryable;
}

/** Verbs that reach the database for themselves, not through a transaction of the application. */
const OWN_VERBS = new Set(
  VERBS.filter(({ name }) => name !== 'append' && name !== 'inbox.record' && name !== 'wakeups.listen'),
);

export const S13_3: StoreClause = {
  id: 'S13.3',
  title:
    'A database that cannot be reached fails with a retryable error, and works again when it is back, without a new store.',
  needs: ['outage'],
  cases: verbCases('unreachable').filter(({ name }) => OWN_VERBS.has(verbOf(name))),
  async run(bench, name) {
    const message = await bench.appendOne();
    const { lease } = await bench.hold();
    const restore = await bench.power('outage')(bench.installation);
    let error: unknown;
    try {
      const call = (): unknown => verbOf(name).call(bench, bench.store, lease);
      error = await rejects(call, `${name}, while the database is away`);
    } finally {
      await restore();
    }
    holds(isRetryable(error), `the error is not retryable: ${String(error)}`);
    await bench.elapse(bench.leaseMs + 1);
    const drained = await bench.eventually('the store to work again', () =>
      bench.drain().catch((again: unknown) => {
        if (isRetryable(again)) return false as const;
        throw again;
      }),
    );
    sameIds(drained, [message], 'messages yielded when the database is back');
  },
};

export const S13_4: StoreClause = {
  id: 'S13.4',
  title: "Conflicts between transactions inside the store's own verbs are retried or reported as retryable.",
  async run(bench) {
    const stores = await Promise.all(Array.from({ length: 3 }, () => bench.connect()));
    await appendAndBury(bench, bench.make.many(6));
    const appended: { id: string }[] = [];
    const yielded: { id: string }[] = [];
    /** Conflicts may be reported, once in a while; anything else is a failure of the verb. */
    const tolerant = async <T>(call: () => Promise<T>): Promise<T | undefined> => {
      try {
        return await call();
      } catch (error) {
        if (isRetryable(error)) return undefined;
        throw error;
      }
    };
    const relay = async (at: number): Promise<void> => {
      for (let round = 0; round < 6; round++) {
        const held = await tolerant(() =>
          bench.claim({ store: stores[at] ?? bench.store, relay: `relay-${at}` }),
        );
        const messages = held && (await tolerant(() => held.read({ messages: 5 })));
        const report = messages && (await tolerant(() => held.accept(messages)));
        if (report?.settled === messages?.length) yielded.push(...(messages ?? []));
        await tolerant(async () => held?.release());
      }
    };
    const others = async (): Promise<void> => {
      for (let round = 0; round < 6; round++) {
        appended.push(...(await bench.appendMany(5, { key: `k${round % 3}` })));
        await tolerant(async () => bench.store.recovery?.redrive({}, 1));
        await tolerant(async () => bench.store.maintenance?.purge({ limit: 10 }));
        await tolerant(async () => bench.store.inspection?.status());
      }
    };
    await Promise.all([...stores.map((_, at) => relay(at)), others()]);
    await bench.elapse(bench.leaseMs + 1);
    yielded.push(...(await bench.drain()));
    const ids = new Set(appended.map(({ id }) => id));
    sameIds(
      yielded.filter(({ id }) => ids.has(id)),
      appended,
      'messages yielded while all verbs were called at once',
    );
  },
};

export const S13_6: StoreClause = {
  id: 'S13.6',
  title:
    'Every verb can be called several times at once, on one store and on several; only what changes a lease waits for its turn.',
  cases: [
    { name: 'lanes on one store' },
    ...verbCases('at once').filter(({ name }) => verbOf(name).facet !== 'sharing'),
  ],
  async run(bench, name) {
    if (name === 'lanes on one store') {
      await lanesOnOneStore(bench);
      return;
    }
    const message = await bench.appendOne({ key: 'k' });
    const { lease } = await bench.hold();
    const other = await bench.connect();
    const outcomes = await Promise.allSettled(
      Array.from({ length: AT_ONCE }, async (_, at) =>
        verbOf(name).call(bench, at % 2 === 0 ? bench.store : other, lease),
      ),
    );
    const failures = outcomes.flatMap((outcome) =>
      outcome.status === 'rejected' ? [String(outcome.reason)] : [],
    );
    same(failures, [], `failures of ${AT_ONCE} calls at once`);
    await bench.elapse(bench.leaseMs + 1);
    sameIds(await bench.drain(), [message], 'messages yielded afterwards');
  },
};

/** Several lanes of one relay share one store. */
async function lanesOnOneStore(bench: StoreBench): Promise<void> {
  const appended = await bench.append(
    ...Array.from({ length: 120 }, () => bench.make.stored({ key: `k${bench.random.below(12)}` })),
  );
  const yielded: { id: string; topic: string; key: string | null }[] = [];
  const lane = async (at: number): Promise<void> => {
    for (let round = 0; round < 20; round++) {
      const held = await bench.claim({ relay: `lane-${at}` });
      if (held === null) {
        await turns(1);
        continue;
      }
      const messages = await held.read({ messages: 4 });
      yielded.push(...messages);
      await turns(bench.random.below(3));
      await held.accept(messages);
      await held.release();
    }
  };
  await Promise.all([lane(0), lane(1), lane(2)]);
  yielded.push(...(await bench.drain()));
  sameIds(yielded, appended, 'messages yielded to lanes on one store');
  sameOrderPerKey(yielded, appended, 'messages yielded to lanes on one store');
}

export const S13_8: StoreClause = {
  id: 'S13.8',
  title: 'Two installations in one database see nothing of each other, whatever they are named.',
  needs: ['secondInstallation'],
  cases: [
    { name: 'messages' },
    { name: 'dead letters', facet: 'recovery' },
    { name: 'receipts', facet: 'inbox' },
    { name: 'removal', facet: 'schema' },
  ],
  async run(bench, name) {
    const installation = await bench.power('secondInstallation')(bench.installation);
    const store = await bench.connect(installation);
    const receipt = { consumer: 'billing', messageId: 'm' };
    const shared = bench.make.stored({ key: 'k' });
    const own = await bench.begin();
    await own.append(shared);
    await bench.store.inbox?.record(own.handle, receipt);
    await own.commit();
    if (name === 'removal') {
      await store.schema?.remove();
      sameIds(await bench.drain(), [shared], 'messages after the other installation was removed');
      return;
    }
    same(await bench.claim({ store }), null, 'claim in the other installation');
    const theirs = await bench.begin({ installation, store });
    // The same id and receipt are new there.
    same((await theirs.append(shared)).duplicates, [], 'duplicates in the other installation');
    if (name === 'receipts')
      same(await store.inbox?.record(theirs.handle, receipt), true, 'record in the other installation');
    await theirs.commit();
    if (name === 'dead letters') {
      await appendAndBury(bench, [bench.make.stored()]);
      same((await store.recovery?.list())?.letters, [], 'dead letters in the other installation');
      same(await store.recovery?.discard({}, 10), 0, 'discarded by the other installation');
    }
    sameIds(await bench.drain({ store }), [shared], 'messages of the other installation');
    if (name === 'messages') sameIds(await bench.drain(), [shared], 'messages of the first installation');
  },
};
