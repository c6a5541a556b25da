import type { MaintenanceFacet } from '@outrelay/core';
import type { MemoryStoreSettings } from './options.ts';
import type { MemoryState } from './state.ts';

/** Removes history, receipts and counts of attempts past their retention. */
export function maintenanceFacet(state: MemoryState, settings: MemoryStoreSettings): MaintenanceFacet {
  return {
    async purge({ limit }) {
      const now = state.now();
      let removed = 0;
      const oldest = now - settings.historyRetentionMs;
      while (removed < limit && (state.sent[0]?.sentAtMs ?? Number.POSITIVE_INFINITY) < oldest) {
        state.sent.shift();
        removed++;
      }
      for (const [receipt, recordedAtMs] of state.receipts) {
        // Receipts are in the order they were recorded.
        if (removed === limit || recordedAtMs >= now - settings.receiptRetentionMs) break;
        state.receipts.delete(receipt);
        removed++;
      }
      for (const [delivery, { chargedAtMs }] of state.attempts) {
        if (removed === limit || chargedAtMs >= now - settings.receiptRetentionMs) break;
        state.attempts.delete(delivery);
        removed++;
      }
      return { removed, more: removed === limit };
    },
  };
}
