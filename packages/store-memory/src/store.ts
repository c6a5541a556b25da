import type { OutboxStore, StoreCapabilities, TransactionsFacet, WakeupsFacet } from '@outrelay/core';
import { append } from './append.ts';
import { claim, type MemoryLease } from './claim.ts';
import { diagnosisFacet } from './diagnosis.ts';
import { inboxFacet } from './inbox.ts';
import { inspectionFacet } from './inspection.ts';
import { maintenanceFacet } from './maintenance.ts';
import { type MemoryStoreOptions, readMemoryOptions } from './options.ts';
import { parkingFacet } from './parking.ts';
import { read } from './read.ts';
import { recoveryFacet } from './recovery.ts';
import { release, renew } from './renew.ts';
import { settle } from './settle.ts';
import { MemoryState } from './state.ts';
import { type MemoryTransaction, OwnTransaction } from './transaction.ts';

/** What a memory store observably does. */
export const capabilities: StoreCapabilities = {
  append: 'async',
  durability: 'volatile',
  leaseScope: 'key',
  duplicateIds: 'ignored',
  ordering: 'strict',
  polyglot: 'none',
  savepoints: 'supported',
  limits: {
    maxPayloadBytes: Number.MAX_SAFE_INTEGER,
    maxHeadersBytes: Number.MAX_SAFE_INTEGER,
    maxMessagesPerAppend: Number.MAX_SAFE_INTEGER,
  },
};

/** A store in the memory of the process. */
export interface MemoryStore extends OutboxStore<MemoryTransaction, 'async', undefined> {
  /** Opens a transaction, which ends with its `commit()` or `rollback()`. */
  begin(): MemoryTransaction;
}

/**
 * Creates a store in the memory of the process: every promise of a store except durability.
 *
 * For tests, and as the example from which adapters are written: one file per verb, as in every bundled store.
 */
export function memoryStore(options: MemoryStoreOptions = {}): MemoryStore {
  const settings = readMemoryOptions(options);
  const state = new MemoryState(settings.now);

  const transactions: TransactionsFacet<MemoryTransaction, 'async'> = {
    async run(work) {
      const transaction = new OwnTransaction(state);
      try {
        const result = await work(transaction);
        transaction.commit();
        return result;
      } catch (error) {
        if (!transaction.ended) transaction.rollback();
        throw error;
      }
    },
  };

  const wakeups: WakeupsFacet = {
    async listen(listener) {
      // A function of its own per call, so that one listener can listen twice.
      const wake = (): void => listener.wake();
      state.listeners.add(wake);
      return {
        async close() {
          state.listeners.delete(wake);
        },
      };
    },
  };

  return {
    spec: 1,
    name: 'memory',
    capabilities,
    begin: () => new OwnTransaction(state),
    append: (handle, messages, appendOptions) => append(state, handle, messages, appendOptions),
    claim: async (request) => claim(state, request),
    read: async (lease, request) => read(state, lease as MemoryLease, request),
    settle: async (lease, settlements) => settle(state, settings, lease as MemoryLease, settlements),
    renew: async (lease, leaseMs) => renew(state, lease as MemoryLease, leaseMs),
    release: async (token) => release(state, token),
    async close() {
      state.listeners.clear();
    },
    transactions,
    wakeups,
    inspection: inspectionFacet(state),
    recovery: recoveryFacet(state),
    maintenance: maintenanceFacet(state, settings),
    inbox: inboxFacet(),
    parking: parkingFacet(state),
    diagnosis: diagnosisFacet(),
  };
}
