import type { Receipt } from '@outrelay/core';
import type { MongoSession } from './client.ts';
import type { Installation } from './installation.ts';

/** The `_id` of what is kept of a delivery. */
export function receiptId({ consumer, messageId }: Receipt): string {
  return JSON.stringify([consumer, messageId]);
}

/**
 * Records which consumer has processed which message; answers `false` when that is recorded already.
 *
 * One command that inserts or changes nothing. A transaction that records the same receipt at the same time is a write
 * conflict in MongoDB, with the label by which `withTransaction` runs the callback again; then it sees the receipt.
 */
export async function record(
  { database }: Installation,
  receipt: Receipt,
  session: MongoSession,
): Promise<boolean> {
  const { consumer, messageId } = receipt;
  const { upsertedCount } = await database.collection('receipts').updateOne(
    { _id: receiptId(receipt) },
    [
      {
        $set: {
          consumer: { $literal: consumer },
          message_id: { $literal: messageId },
          recorded_at: { $ifNull: ['$recorded_at', '$$NOW'] },
        },
      },
    ],
    { session, upsert: true },
  );
  return upsertedCount === 1;
}
