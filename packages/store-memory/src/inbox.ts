import { describe, type InboxFacet, OutboxError, type Receipt } from '@outrelay/core';
import { type MemoryTransaction, OwnTransaction } from './transaction.ts';

/** Remembers which consumer has processed which message. */
export function inboxFacet(): InboxFacet<MemoryTransaction, 'async'> {
  return {
    async record(transaction, receipt) {
      if (!(transaction instanceof OwnTransaction)) {
        throw new OutboxError(
          'TRANSACTION_REQUIRED',
          `Expected an open transaction, from store.begin() or store.transactions.run(); got ${describe(transaction)}.`,
        );
      }
      return transaction.addReceipt(deliveryName(receipt));
    },
  };
}

/** One text for consumer and message id: joined by a separator, two deliveries could have the same. */
export function deliveryName({ consumer, messageId }: Receipt): string {
  return JSON.stringify([consumer, messageId]);
}
