import type { MongoDocument, MongoSession } from './client.ts';
import type { Candidate } from './candidate.ts';
import { holdChains, updateChains } from './chains.ts';
import type { Connection } from './connection.ts';
import { fence } from './fence.ts';
import { chainOf } from './partition.ts';
import { contentOf } from './row.ts';

/** Lets scheduled messages whose time has come hold back what follows them. Answers `false` when the lease is gone. */
export function join(
  connection: Connection,
  token: string,
  rows: readonly MongoDocument[],
): Promise<boolean> {
  return underFence(connection, token, partitionsOf(rows), async (session) => {
    const { database, clock } = connection;
    const operations = rows.map((row) => {
      const chain = chainOf(row['topic'] as string, row['message_key'] as string);
      const filter = { _id: row['_id'], blocks: false };
      return { updateOne: { filter, update: { $set: { blocks: true, chain } } } };
    });
    await database.collection('delayed').bulkWrite(operations, { session });
    const chains = rows.map((row) => chainOf(row['topic'] as string, row['message_key'] as string));
    await updateChains(database, [...new Set(chains)], clock.now(), session);
  });
}

/** Moves fresh messages behind the blocked keys they belong to, so that the next read need not look at them again. */
export function moveBehind(
  connection: Connection,
  token: string,
  blocked: readonly Candidate[],
): Promise<boolean> {
  const rows = blocked.map(({ row }) => row);
  return underFence(connection, token, partitionsOf(rows), async (session) => {
    const { database } = connection;
    const names = [...new Set(blocked.flatMap(({ chain }) => chain ?? []))];
    // A chain that has ended meanwhile blocks nobody: its messages stay where they are.
    const chains = await holdChains(database, names, session);
    const moving = blocked.filter(({ chain }) => chain !== null && chains.has(chain));
    if (moving.length === 0) return;
    const ids = moving.map(({ row }) => row['_id']);
    const { deletedCount } = await database
      .collection('messages')
      .deleteMany({ _id: { $in: ids } }, { session });
    if (deletedCount !== ids.length)
      throw new Error('a message under the lease was removed by somebody else');
    const behind = moving.map(({ row, chain }) =>
      delayedRow(row, { chain, blocks: true, available_at: null }),
    );
    await database.collection('delayed').insertMany(behind, { session });
  });
}

/** Remembers how many messages of partitions are about to be yielded, in case they end this relay too. */
export async function expect(
  connection: Connection,
  token: string,
  counts: ReadonlyMap<number, number>,
): Promise<void> {
  const operations = [...counts].map(([no, count]) => ({
    updateOne: { filter: { _id: no, token }, update: { $set: { last_read: count } } },
  }));
  if (operations.length > 0) await connection.database.collection('partitions').bulkWrite(operations);
}

/** Declares that nothing that was under suspicion is left in a partition. */
export async function clearSuspicion(connection: Connection, token: string, no: number): Promise<void> {
  await connection.database
    .collection('partitions')
    .updateMany({ _id: no, token }, { $set: { suspect_left: 0 } });
}

/** A delayed document made of a fresh one. */
export function delayedRow(row: MongoDocument, state: MongoDocument): MongoDocument {
  const nothing = { scheduled_at: null, attempts: 0, redrives: 0, dead: false, last_error: null };
  return { ...contentOf(row), ...nothing, ...state };
}

/** Runs `work` in a transaction that begins with the fence; answers `false`, and does nothing, without the lease. */
export function underFence(
  connection: Connection,
  token: string,
  partitions: readonly number[],
  work: (session: MongoSession) => Promise<void>,
): Promise<boolean> {
  return connection.transaction(async (session) => {
    const { held } = await fence(connection.database, token, partitions, session);
    if (held.size < partitions.length) return false;
    await work(session);
    return true;
  });
}

function partitionsOf(rows: readonly MongoDocument[]): readonly number[] {
  return [...new Set(rows.map((row) => row['partition_no'] as number))].toSorted((a, b) => a - b);
}
