import type { InboxFacet, WakeupsFacet } from '@outrelay/core';
import type { MemoryTransaction } from '@outrelay/store-memory';
import type { FullStore } from '../lab/full-store.ts';
import { full, type StoreMutant, shared } from './store-mutant.ts';

type Inbox = InboxFacet<MemoryTransaction, 'async'>;

/** Changes the inbox. */
function recording(change: (record: Inbox['record']) => Inbox['record']): (store: FullStore) => FullStore {
  return (store) => {
    const inbox = store.inbox as Inbox;
    return { ...store, inbox: { record: change((tx, receipt) => inbox.record(tx, receipt)) } };
  };
}

/** Changes how listeners are kept. */
function listening(
  change: (wakeups: WakeupsFacet, store: FullStore) => Partial<FullStore>,
): (store: FullStore) => FullStore {
  return (store) => ({ ...store, ...change(store.wakeups as WakeupsFacet, store) });
}

export const FACET_MUTANTS: readonly StoreMutant[] = [
  full('deaf', 'Listening is confirmed, and nobody is ever woken.', () =>
    listening(() => ({ wakeups: { listen: async () => ({ close: async () => {} }) } })),
  ),

  full('one-listener', 'A second listener takes the place of the first.', () => {
    let last: { close(): Promise<void> } | null = null;
    return listening((wakeups) => ({
      wakeups: {
        async listen(listener) {
          await last?.close();
          last = await wakeups.listen(listener);
          return last;
        },
      },
    }));
  }),

  full('woken-by-its-own-work', 'Every write of the relay wakes it again.', () =>
    listening((wakeups, store) => {
      const listeners = new Set<() => void>();
      return {
        wakeups: {
          async listen(listener) {
            const wake = (): void => listener.wake();
            listeners.add(wake);
            const subscription = await wakeups.listen(listener);
            return {
              async close() {
                listeners.delete(wake);
                await subscription.close();
              },
            };
          },
        },
        async settle(lease, settlements) {
          const report = await store.settle(lease, settlements);
          for (const wake of listeners) wake();
          return report;
        },
      };
    }),
  ),

  full('listens-after-its-close', 'A subscription that was closed goes on calling.', () =>
    listening((wakeups) => ({
      wakeups: {
        async listen(listener) {
          await wakeups.listen(listener);
          return { close: async () => {} };
        },
      },
    })),
  ),

  full(
    'hints-end-with-the-connection',
    'A listener whose connection was cut hears nothing any more.',
    (lab) =>
      listening((wakeups) => ({
        wakeups: {
          async listen(listener) {
            const subscription = await wakeups.listen({
              ...listener,
              wake: () => listener.wake(),
              lost() {},
              restored() {},
            });
            lab.gates.onCut(() => void subscription.close());
            return subscription;
          },
        },
      })),
  ),

  full(
    'neighbours-wake-each-other',
    'All installations in a database share one channel.',
    (lab) => (store) => ({
      ...store,
      async append(tx, messages, options) {
        const report = await store.append(tx, messages, options);
        const wake = (): void => {
          for (const listener of lab.first?.channel ?? []) listener();
        };
        if (tx !== undefined) lab.hooks.afterCommit(tx, wake);
        return report;
      },
      wakeups: {
        async listen(listener) {
          const wake = (): void => listener.wake();
          lab.channel.add(wake);
          const subscription = await store.wakeups?.listen(listener);
          return {
            async close() {
              lab.channel.delete(wake);
              await subscription?.close();
            },
          };
        },
      },
    }),
  ),

  full('inbox-says-first', 'Every receipt is the first.', () => recording(() => async () => true)),

  full('inbox-key-without-consumer', 'Receipts are told apart by message only.', () =>
    recording(
      (record) =>
        (tx, { messageId }) =>
          record(tx, { messageId, consumer: '' }),
    ),
  ),

  full('inbox-joins-its-key', 'Consumer and message id are joined by a colon.', () =>
    recording(
      (record) =>
        (tx, { consumer, messageId }) =>
          record(tx, { consumer: '', messageId: `${consumer}:${messageId}` }),
    ),
  ),

  full('inbox-ignores-case', 'Receipts are compared by a collation that knows no case.', () =>
    recording(
      (record) =>
        (tx, { consumer, messageId }) =>
          record(tx, { consumer: consumer.toLowerCase(), messageId: messageId.toLowerCase() }),
    ),
  ),

  full('inbox-does-not-wait', 'A receipt that another transaction is writing counts as absent.', (lab) => {
    const open = new Map<string, object>();
    return recording((record) => async (tx, receipt) => {
      const name = JSON.stringify(receipt);
      const other = open.get(name);
      if (other !== undefined && other !== tx) return true;
      open.set(name, tx);
      lab.hooks.afterEnd(tx, () => open.delete(name));
      return record(tx, receipt);
    });
  }),

  full(
    'receipt-outside-the-transaction',
    'A receipt is written at once, whatever becomes of the transaction.',
    (lab) => {
      const known = new Set<string>();
      return recording((record) => async (tx, receipt) => {
        const first = await record(tx, receipt);
        const name = JSON.stringify(receipt);
        lab.hooks.afterEnd(tx, () => known.add(name));
        return first && !known.has(name);
      });
    },
  ),

  full('duplicate-receipt-aborts', 'A duplicate receipt is an error of the unique index.', () =>
    recording((record) => async (tx, receipt) => {
      if (await record(tx, receipt)) return true;
      throw new Error('duplicate key value violates unique constraint');
    }),
  ),

  full('receipt-without-transaction', 'A receipt can be recorded without a transaction.', (lab) =>
    recording((record) => async (tx, receipt) => {
      if (tx !== undefined) return record(tx, receipt);
      const own = lab.memory.begin();
      const first = await record(own, receipt);
      own.commit();
      return first;
    }),
  ),

  shared('never-wanted', 'Holders are not told that others wait.', () => (store) => ({
    ...store,
    settle: async (lease, settlements) => ({ ...(await store.settle(lease, settlements)), wanted: false }),
    async renew(lease, leaseMs) {
      const report = await store.renew(lease, leaseMs);
      return report && { ...report, wanted: false };
    },
  })),

  shared('always-wanted', 'Holders are told that others wait although nobody does.', () => (store) => ({
    ...store,
    settle: async (lease, settlements) => ({ ...(await store.settle(lease, settlements)), wanted: true }),
  })),

  shared('hands-over-everything', 'A hand-over gives the whole lease away.', () => (store) => ({
    ...store,
    sharing: store.sharing && {
      ...store.sharing,
      async handOver(lease) {
        await store.release(lease.token);
        return null;
      },
    },
  })),

  shared(
    'hands-over-one',
    'A hand-over gives a single partition away, however many wait.',
    (lab) => (store) => ({
      ...store,
      sharing: store.sharing && {
        ...store.sharing,
        async handOver(lease) {
          const before = lab.partitions.filter(
            ({ token, isReleased }) => token === lease.token && !isReleased,
          );
          const rest = await store.sharing?.handOver(lease);
          for (const partition of before.slice(0, -1))
            if (partition.isReleased) partition.take(lease.token, 30_000);
          return rest ?? null;
        },
      },
    }),
  ),

  shared('widen-steals', 'Widening takes what others hold.', (lab) => (store) => ({
    ...store,
    sharing: store.sharing && {
      ...store.sharing,
      async widen(lease, request) {
        for (const partition of lab.partitions)
          if (partition.token !== lease.token) await partition.release();
        return (await store.sharing?.widen(lease, request)) ?? lease;
      },
    },
  })),

  shared(
    'widen-takes-nothing',
    'What others gave back is left to those who ask for a new lease.',
    () => (store) => ({
      ...store,
      sharing: store.sharing && { ...store.sharing, widen: async (lease) => lease },
    }),
  ),

  shared('reads-what-it-gave', 'A lease yields what it has handed over.', (lab) => (store) => ({
    ...store,
    async read(lease, request) {
      const owners = lab.partitions.map(({ token }) => token);
      for (const partition of lab.partitions) {
        await partition.memory.release(partition.token);
        partition.token = lease.token;
      }
      const messages = await store.read(lease, request);
      for (const [at, partition] of lab.partitions.entries()) partition.token = owners[at] ?? '';
      return messages;
    },
  })),
];
