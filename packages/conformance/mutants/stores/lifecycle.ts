import type { TransactionsFacet } from '@outrelay/core';
import { isOutboxError, OutboxError } from '@outrelay/core';
import type { MemoryTransaction } from '@outrelay/store-memory';
import type { FullStore } from '../lab/full-store.ts';
import { full, type StoreMutant } from './store-mutant.ts';

type Transactions = TransactionsFacet<MemoryTransaction, 'async'>;

/** Puts the same thing around every verb that a relay calls. */
function around(wrap: <T>(call: () => Promise<T>) => Promise<T>): (store: FullStore) => FullStore {
  return (store) => ({
    ...store,
    claim: (request) => wrap(() => store.claim(request)),
    read: (lease, request) => wrap(() => store.read(lease, request)),
    settle: (lease, settlements) => wrap(() => store.settle(lease, settlements)),
    renew: (lease, leaseMs) => wrap(() => store.renew(lease, leaseMs)),
    release: (token) => wrap(() => store.release(token)),
  });
}

/** One call at a time; `refuse` says what a second one gets. */
function oneAtATime(refuse: () => Error): (store: FullStore) => FullStore {
  return (store) => {
    let underWay = false;
    return around(async (call) => {
      if (underWay) throw refuse();
      underWay = true;
      try {
        return await call();
      } finally {
        underWay = false;
      }
    })(store);
  };
}

export const LIFECYCLE_MUTANTS: readonly StoreMutant[] = [
  full('closes-once', 'A second close is an error of the pool.', () => (store) => {
    let closed = false;
    return {
      ...store,
      async close() {
        if (closed) throw new Error('Called end on pool more than once');
        closed = true;
        await store.close();
      },
    };
  }),

  full('closes-the-application', "Closing the store ends the application's transactions.", (lab) => {
    const open = new Set<MemoryTransaction>();
    return (store) => ({
      ...store,
      append(tx, messages, options) {
        if (tx !== undefined) {
          open.add(tx);
          lab.hooks.afterEnd(tx, () => open.delete(tx));
        }
        return store.append(tx, messages, options);
      },
      async close() {
        for (const tx of open) tx.rollback();
        await store.close();
      },
    });
  }),

  full('volatile', 'Declares to be durable, and forgets everything when it is closed.', (lab) => (store) => ({
    ...store,
    async close() {
      await store.close();
      lab.clear();
      lab.installed = true;
    },
  })),

  full('outage-is-fatal', 'A database that cannot be reached is an error like any other.', () =>
    around(async (call) => {
      try {
        return await call();
      } catch (error) {
        if (isOutboxError(error) && error.retryable) throw new Error('ECONNREFUSED', { cause: error });
        throw error;
      }
    }),
  ),

  full(
    'outage-is-remembered',
    'A store that has lost its connection once never gets another.',
    () => (store) => {
      let lost: OutboxError | undefined;
      return around(async (call) => {
        if (lost !== undefined) throw lost;
        try {
          return await call();
        } catch (error) {
          if (isOutboxError(error) && error.code === 'STORE_UNAVAILABLE') lost = error;
          throw error;
        }
      })(store);
    },
  ),

  full(
    'deadlock-is-fatal',
    'Of two relays that settle at once, one gets an error that nobody retries.',
    () => {
      let settling = 0;
      return (store) => ({
        ...store,
        async settle(lease, settlements) {
          if (settling > 0) throw new Error('deadlock detected');
          settling++;
          try {
            return await store.settle(lease, settlements);
          } finally {
            settling--;
          }
        },
      });
    },
  ),

  full('one-call-at-a-time', 'A store refuses a call while another is under way.', () =>
    oneAtATime(() => new OutboxError('STORE_FAILED', 'The connection is busy with another call.')),
  ),

  full(
    'error-swallowed',
    'A transaction that throws is rolled back, and nobody hears of it.',
    () => (store) => ({
      ...store,
      transactions: {
        run: (work) => (store.transactions as Transactions).run(work).catch(() => undefined as never),
      },
    }),
  ),

  full('commits-what-throws', 'A transaction that throws is committed.', (lab) => (store) => ({
    ...store,
    transactions: {
      async run(work) {
        const transaction = lab.begin();
        try {
          return await work(transaction.handle as MemoryTransaction);
        } finally {
          await transaction.commit();
        }
      },
    },
  })),

  full('timer-left-running', 'A store that was closed goes on looking for work.', (lab) => (store) => {
    const timer = setInterval(() => {}, 60_000);
    lab.leftRunning.push(() => clearInterval(timer));
    return store;
  }),

  full('tables-shared', 'A second installation uses the tables of the first.', (lab) => (store) => {
    const first = lab.first;
    if (first === null) return store;
    return {
      ...store,
      claim: (request) => first.memory.claim(request),
      read: (lease, request) => first.memory.read(lease, request),
      settle: (lease, settlements) => first.memory.settle(lease, settlements),
    };
  }),
];
