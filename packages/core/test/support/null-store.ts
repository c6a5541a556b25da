import type { ClaimedMessage } from '../../src/message.ts';
import type { OutboxStore } from '../../src/store.ts';
import { ACCEPTED, type PublishResult, type Transport } from '../../src/transport.ts';
import { claimed } from './messages.ts';
import { STORE_CAPABILITIES } from './scripted-store.ts';

/** A store and a transport that do nothing but hand out one prepared batch again and again. */
export interface NullAdapters {
  readonly store: OutboxStore;
  readonly transport: Transport;
  /** Messages that the store still yields. */
  left: number;
  settled: number;
}

/**
 * @param count - messages of one batch
 * @param publishing - what a call of the transport waits for
 */
export function nullAdapters(count: number, publishing: () => Promise<void>): NullAdapters {
  const batch: readonly ClaimedMessage[] = Array.from({ length: count }, (_, index) =>
    claimed({ id: String(index), key: `k${index % 50}` }),
  );
  const results: readonly PublishResult[] = batch.map(() => ACCEPTED);
  const adapters: NullAdapters = {
    left: 0,
    settled: 0,
    store: {
      spec: 1,
      name: 'null',
      capabilities: STORE_CAPABILITIES,
      append: async () => ({ duplicates: [] }),
      claim: async ({ token }) => (adapters.left === 0 ? null : { token, state: null }),
      async read() {
        if (adapters.left === 0) return [];
        adapters.left -= count;
        return batch;
      },
      async settle(_, { accepted }) {
        adapters.settled += accepted.length;
        return { settled: accepted.length, alreadySettled: [], lost: [], unknown: [], wanted: false };
      },
      renew: async (lease) => ({ lease, wanted: false }),
      release: async () => {},
      close: async () => {},
    },
    transport: {
      spec: 1,
      name: 'null',
      capabilities: {
        batchOrder: 'key',
        confirmation: 'durable',
        deduplication: 'consumer',
        limits: { maxMessages: 1_000, maxBatchBytes: 1_000_000, maxPayloadBytes: 1_000_000 },
      },
      async publish() {
        await publishing();
        return results;
      },
      close: async () => {},
    },
  };
  return adapters;
}
