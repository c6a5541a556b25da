import { isOutboxError } from '@outrelay/core';
import { full, type StoreMutant, shared, single } from './store-mutant.ts';

const BY_ITSELF = { autocommit: true };

export const APPEND_MUTANTS: readonly StoreMutant[] = [
  full('append-outside-the-transaction', 'An append commits for itself.', () => (store) => ({
    ...store,
    append: async (_tx, messages) => store.append(undefined, messages, BY_ITSELF),
  })),

  full(
    'scheduled-outside-the-transaction',
    'Scheduled messages go to their table at once.',
    () => (store) => ({
      ...store,
      async append(tx, messages, options) {
        const later = messages.filter(({ availableAt }) => availableAt !== null);
        const now = messages.filter(({ availableAt }) => availableAt === null);
        const first = await store.append(undefined, later, BY_ITSELF);
        const second = await store.append(tx, now, options);
        return { duplicates: [...first.duplicates, ...second.duplicates] };
      },
    }),
  ),

  full('wake-up-before-the-commit', 'Listeners are woken by the append.', () => {
    const listeners = new Set<() => void>();
    return (store) => ({
      ...store,
      async append(tx, messages, options) {
        const report = await store.append(tx, messages, options);
        for (const wake of listeners) wake();
        return report;
      },
      wakeups: {
        async listen(listener) {
          const subscription = await store.wakeups?.listen(listener);
          const wake = (): void => listener.wake();
          listeners.add(wake);
          return {
            async close() {
              listeners.delete(wake);
              await subscription?.close();
            },
          };
        },
      },
    });
  }),

  full(
    'savepoint-ignored',
    'Messages are collected beside the transaction and written after its commit.',
    (lab) => (store) => ({
      ...store,
      async append(tx, messages, options) {
        const report = await store.append(tx, messages, options);
        if (tx !== undefined) {
          lab.hooks.afterCommit(tx, () => {
            void lab.memory.append(undefined, messages, BY_ITSELF);
          });
        }
        return report;
      },
    }),
  ),

  full(
    'one-row-at-a-time',
    'The rows of one append are written one by one, without a savepoint around them.',
    () => (store) => ({
      ...store,
      async append(tx, messages, options) {
        const duplicates: string[] = [];
        for (const message of messages)
          duplicates.push(...(await store.append(tx, [message], options)).duplicates);
        return { duplicates };
      },
    }),
  ),

  full('last-append-wins', 'A second append in a transaction takes the place of the first.', () => {
    const undo = new WeakMap<object, () => void>();
    return (store) => ({
      ...store,
      append(tx, messages, options) {
        if (tx !== undefined) {
          undo.get(tx)?.();
          undo.set(tx, tx.savepoint());
        }
        return store.append(tx, messages, options);
      },
    });
  }),

  full(
    'append-without-transaction',
    'A handle without transaction is taken as a wish for autocommit.',
    () => (store) => ({
      ...store,
      append: (tx, messages) => store.append(tx, messages, { autocommit: true }),
    }),
  ),

  full('ended-transaction-reused', 'An append after the commit is written all the same.', () => (store) => ({
    ...store,
    async append(tx, messages, options) {
      try {
        return await store.append(tx, messages, options);
      } catch (error) {
        if (!isOutboxError(error) || error.code !== 'TRANSACTION_CLOSED') throw error;
        return store.append(undefined, messages, BY_ITSELF);
      }
    },
  })),

  full('autocommit-forgets', 'An append with autocommit is prepared and never sent.', () => (store) => ({
    ...store,
    append: async (tx, messages, options) =>
      options.autocommit ? { duplicates: [] } : store.append(tx, messages, options),
  })),

  full('duplicate-aborts', 'A duplicate id is an error of the unique index.', () => (store) => ({
    ...store,
    async append(tx, messages, options) {
      const report = await store.append(tx, messages, options);
      if (report.duplicates.length > 0) throw new Error('duplicate key value violates unique constraint');
      return report;
    },
  })),

  full('duplicate-unreported', 'Duplicates are dropped without a word.', () => (store) => ({
    ...store,
    async append(tx, messages, options) {
      await store.append(tx, messages, options);
      return { duplicates: [] };
    },
  })),

  shared('duplicate-dropped', 'Declares that repeated ids are stored, and drops them.', () => {
    const known = new Set<string>();
    return (store) => ({
      ...store,
      append(tx, messages, options) {
        const fresh = messages.filter(({ id }) => !known.has(id) && known.add(id));
        return store.append(tx, fresh, options);
      },
    });
  }),

  single(
    'written-in-a-microtask',
    'Declares to be synchronous, and writes a moment later.',
    () => (store) => ({
      ...store,
      append(tx, messages, options) {
        queueMicrotask(() => {
          try {
            void store.append(tx, messages, options);
          } catch {
            // The transaction has ended by now, which is the bug.
          }
        });
        return { duplicates: [] };
      },
    }),
  ),

  full('concurrent-append-lost', 'Of many transactions at once, some overwrite the others.', (lab) => {
    const open = new Set<object>();
    return (store) => ({
      ...store,
      async append(tx, messages, options) {
        if (tx === undefined) return store.append(tx, messages, options);
        open.add(tx);
        lab.hooks.afterEnd(tx, () => open.delete(tx));
        return open.size > 4 ? { duplicates: [] } : store.append(tx, messages, options);
      },
    });
  }),

  full(
    'plain-insert-invisible',
    'Rows that other clients insert lack what the relay looks for.',
    () => (store) => ({
      ...store,
      async read(lease, request) {
        return (await store.read(lease, request)).filter(({ id }) => !id.startsWith('raw-'));
      },
    }),
  ),
];
