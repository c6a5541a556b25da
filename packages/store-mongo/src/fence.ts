import type { MongoDocument, MongoSession } from './client.ts';
import type { Database } from './database.ts';

/** What a fence found. */
export interface Fence {
  /** Partitions that the token is the last one of, whether its lease has run out or not. */
  readonly held: ReadonlySet<number>;
  /** Those among them of which relays have vanished, with how many messages are under suspicion. */
  readonly lossy: ReadonlyMap<number, number>;
}

/**
 * Makes sure, as the first step of a transaction, that partitions are not taken over before its commit.
 *
 * The documents are *written*: a transaction that only reads them would commit beside a take-over, because neither
 * sees what the other does.
 */
export async function fence(
  database: Database,
  token: string,
  partitions: readonly number[],
  session: MongoSession,
): Promise<Fence> {
  const collection = database.collection('partitions');
  const mine = { _id: { $in: partitions }, token };
  const write = { $inc: { fences: 1 } };
  const { matchedCount } = await collection.updateMany({ ...mine, losses: 0 }, write, { session });
  if (matchedCount === partitions.length) return { held: new Set(partitions), lossy: new Map() };
  await collection.updateMany({ ...mine, losses: { $gt: 0 } }, write, { session });
  const rows = (await collection.find(mine, { session }).toArray()) as MongoDocument[];
  const lossy = rows.filter((row) => (row['losses'] as number) > 0);
  return {
    held: new Set(rows.map((row) => row['_id'] as number)),
    lossy: new Map(lossy.map((row) => [row['_id'] as number, row['suspect_left'] as number])),
  };
}
