import type { Receipt } from '@outrelay/core';
import { type CallerTransaction, guardedLiteral } from './append.ts';
import { isDuplicate } from './errors.ts';
import { text } from './literal.ts';
import type { Tables } from './tables.ts';

/**
 * Records which consumer has processed which message; answers `false` when that is recorded already.
 *
 * While another transaction that records the same receipt is open, the unique key makes this one wait for its end. A
 * repeated receipt fails the statement alone, or, where nothing has to be guarded, is left out without an error.
 */
export function recorder({
  receipts,
}: Tables): (transaction: CallerTransaction, receipt: Receipt) => Promise<boolean> {
  const insert = (ignore: string, consumer: string, messageId: string): string =>
    `INSERT ${ignore}INTO ${receipts} (consumer, message_id) VALUES (${consumer},${text(messageId)})`;
  return async (transaction, { consumer, messageId }) => {
    if (!transaction.guarded) {
      return (await transaction.execute(insert('IGNORE ', text(consumer), messageId))) === 1;
    }
    try {
      await transaction.execute(insert('', guardedLiteral(text(consumer)), messageId));
      return true;
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
  };
}
