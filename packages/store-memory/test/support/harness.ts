import type { StoreHarness } from '@outrelay/conformance';
import { capabilities, memoryStore } from '../../src/index.ts';

const RETENTION = { historyMs: 60_000, receiptMs: 120_000 };

/** What the conformance suite needs to know of the reference store. */
export const harness: StoreHarness = {
  kind: 'store',
  name: 'store-memory',
  capabilities,
  facets: [
    'transactions',
    'wakeups',
    'inspection',
    'recovery',
    'maintenance',
    'inbox',
    'parking',
    'diagnosis',
  ],
  powers: { concurrentWriters: true, retention: RETENTION },
  waits: { quietMs: 20 },
  async open() {
    let offsetMs = 0;
    // Not the clock of the process, which a clause may set wrong.
    const now = (): number => performance.timeOrigin + performance.now() + offsetMs;
    const store = memoryStore({
      now,
      historyRetentionMs: RETENTION.historyMs,
      receiptRetentionMs: RETENTION.receiptMs,
    });
    return {
      // Stores on one memory are fronts of one store, each closed for itself.
      connect: () => ({ ...store, async close() {} }),
      async begin() {
        const handle = store.begin();
        return {
          handle,
          commit: async () => handle.commit(),
          rollback: async () => handle.rollback(),
          savepoint: async () => {
            const rollBack = handle.savepoint();
            return async () => rollBack();
          },
        };
      },
      rootHandle: () => undefined,
      elapse: async (ms) => {
        offsetMs += ms;
      },
      now: async () => new Date(now()),
      remove: () => store.close(),
    };
  },
};
