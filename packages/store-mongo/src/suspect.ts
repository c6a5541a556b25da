import type { ClaimedMessage } from '@outrelay/core';
import type { MongoDocument } from './client.ts';
import type { Candidate } from './candidate.ts';
import { updateChains } from './chains.ts';
import type { Connection } from './connection.ts';
import { delayedMessage } from './row.ts';
import { delayedRow, underFence } from './upkeep.ts';

/**
 * Hands out one message alone, charged for the coming attempt in the same transaction: whatever ends the relay now, it
 * was this message, and its attempts are counted although nobody is left to count them. Its neighbours stay uncharged.
 *
 * Answers `null` when the message or the lease is gone, so that the caller looks again.
 */
export async function takeSuspect(
  connection: Connection,
  token: string,
  { row, chain, delayed }: Candidate,
): Promise<ClaimedMessage | null> {
  const { database, clock } = connection;
  let taken: MongoDocument | null = null;
  await underFence(connection, token, [row['partition_no'] as number], async (session) => {
    taken = null;
    const rows = database.collection('delayed');
    if (delayed) {
      const charge = { $inc: { attempts: 1 } };
      const options = { session, returnDocument: 'after' };
      taken = (await rows.findOneAndUpdate(
        { _id: row['_id'], dead: false },
        charge,
        options,
      )) as MongoDocument | null;
      return;
    }
    const { deletedCount } = await database
      .collection('messages')
      .deleteMany({ _id: row['_id'] }, { session });
    if (deletedCount === 0) return;
    const now = clock.now();
    const moved = {
      _id: row['_id'],
      ...delayedRow(row, { chain, blocks: chain !== null, available_at: now, attempts: 1 }),
    };
    await rows.insertMany([moved], { session });
    if (chain !== null) await updateChains(database, [chain], now, session);
    taken = moved;
  });
  return taken === null ? null : delayedMessage(taken, token, true);
}
