import type { MaintenanceFacet } from '@outrelay/core';
import type { Connection } from './connection.ts';
import type { MongoStoreSettings } from './options.ts';

/**
 * Removes history and receipts past their retention, the oldest first, so many documents a call.
 *
 * Not by TTL indexes: those run when the server likes, remove without a bound, and keep their period in the database,
 * where it could differ from the option.
 */
export function maintenanceFacet(connection: Connection, settings: MongoStoreSettings): MaintenanceFacet {
  const { historyRetentionMs, receiptRetentionMs } = settings;

  async function remove(
    name: 'history' | 'receipts' | 'attempts',
    field: 'sent_at' | 'recorded_at' | 'charged_at',
    before: Date,
    limit: number,
  ): Promise<{ readonly seen: number; readonly removed: number }> {
    if (limit === 0) return { seen: 0, removed: 0 };
    const options = { projection: { _id: 1 }, sort: { [field]: 1 }, limit, batchSize: limit };
    const old = await connection.find(name, { [field]: { $lt: before } }, options);
    if (old.length === 0) return { seen: 0, removed: 0 };
    const ids = old.map((row) => row['_id']);
    const { deletedCount } = await connection.database.collection(name).deleteMany({ _id: { $in: ids } });
    return { seen: old.length, removed: deletedCount };
  }

  return {
    purge: ({ limit }) =>
      connection.run(async () => {
        const now = await serverTime(connection);
        const sentBefore = new Date(now - historyRetentionMs);
        const receivedBefore = new Date(now - receiptRetentionMs);
        const total = { seen: 0, removed: 0 };
        for (const [name, field, before] of [
          ['history', 'sent_at', sentBefore],
          ['receipts', 'recorded_at', receivedBefore],
          ['attempts', 'charged_at', receivedBefore],
        ] as const) {
          const { seen, removed } = await remove(name, field, before, limit - total.seen);
          total.seen += seen;
          total.removed += removed;
        }
        return { removed: total.removed, more: total.seen === limit };
      }),
  };
}

/** The clock of the server, in milliseconds since 1970. */
export async function serverTime(connection: Connection): Promise<number> {
  const pipeline = [{ $limit: 1 }, { $project: { now: '$$NOW' } }];
  const [row] = await connection.database.collection('partitions').aggregate(pipeline).toArray();
  const { now } = row as { now: Date };
  connection.clock.observe(now);
  return now.getTime();
}
