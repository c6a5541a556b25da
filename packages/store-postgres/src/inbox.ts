import type { InboxFacet } from '@outrelay/core';
import { callerFailure } from './errors.ts';
import type { Tables } from './tables.ts';
import { openTransaction, type TransactionHandle } from './transaction.ts';

/**
 * Records which consumer has processed which message; answers `false` when that is recorded already.
 *
 * Whoever records the same receipt waits at the unique index for the end of the open transaction.
 */
export function inboxFacet({ receipts }: Tables): InboxFacet<TransactionHandle, 'async'> {
  const insert = `INSERT INTO ${receipts} (consumer, message_id) VALUES ($1::text, $2::text) ON CONFLICT DO NOTHING`;
  const returning = `${insert} RETURNING consumer`;
  return {
    async record(handle, { consumer, messageId }) {
      const executor = await openTransaction(handle);
      try {
        const values = [consumer, messageId];
        if (executor.changes !== undefined) return (await executor.changes(insert, values)) === 1;
        return (await executor.query(returning, values)).length === 1;
      } catch (error) {
        throw callerFailure(error, executor.kind);
      }
    },
  };
}
