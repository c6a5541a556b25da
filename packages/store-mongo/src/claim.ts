import type { ClaimRequest } from '@outrelay/core';
import type { MongoDocument } from './client.ts';
import { fromNow } from './collections.ts';
import type { Connection } from './connection.ts';
import { duePartitions, topicCondition } from './due.ts';
import { leaseOn, type MongoLease } from './lease.ts';
import type { WantedMarks } from './wanted.ts';

/** Messages of each kind that are looked at to find out which partitions have some. */
const SAMPLE = 500;

/** True for a partition that nobody holds, by the clock of the server at the moment of the write. */
const FREE = { $expr: { $or: ['$released', { $lte: ['$expires_at', '$$NOW'] }] } } as const;

/**
 * Stamps partitions with a lease. The predicate stands on the document that is changed, and MongoDB changes each
 * document as a whole, so of two relays that meet on one only the first finds it free.
 */
export async function takeFree(
  connection: Connection,
  partitions: readonly number[],
  { token, relay, leaseMs }: Pick<ClaimRequest, 'token' | 'relay' | 'leaseMs'>,
): Promise<readonly number[]> {
  const collection = connection.database.collection('partitions');
  const isSuspect = {
    $and: [{ $not: ['$released'] }, { $gte: ['$losses', 1] }, { $eq: ['$suspect_left', 0] }],
  };
  await collection.updateMany({ _id: { $in: partitions }, ...FREE }, [
    {
      $set: {
        // The first loss is forgiven: processes end for many reasons. From the second in a row on, what the lost lease
        // had read is under suspicion, unless it is already known how many are.
        suspect_left: { $cond: [isSuspect, '$last_read', '$suspect_left'] },
        losses: { $cond: ['$released', '$losses', { $add: ['$losses', 1] }] },
        last_read: 0,
        token,
        relay: { $literal: relay },
        expires_at: fromNow(leaseMs),
        released: false,
      },
    },
  ]);
  const won = await connection.find('partitions', { token, released: false }, { projection: { _id: 1 } });
  return won.map((row) => row['_id'] as number);
}

/** The partitions, and the clock of the server. */
export interface PartitionView {
  readonly now: Date;
  readonly free: readonly number[];
  readonly held: readonly MongoDocument[];
}

/** Looks at all partitions. */
export async function viewPartitions(connection: Connection): Promise<PartitionView> {
  const pipeline = [{ $project: { token: 1, relay: 1, released: 1, expires_at: 1, now: '$$NOW' } }];
  const rows = (await connection.database
    .collection('partitions')
    .aggregate(pipeline)
    .toArray()) as MongoDocument[];
  const now = (rows[0]?.['now'] as Date | undefined) ?? new Date(0);
  connection.clock.observe(now);
  const isFree = (row: MongoDocument): boolean =>
    row['released'] === true || (row['expires_at'] as Date) <= now;
  return {
    now,
    free: rows.filter(isFree).map((row) => row['_id'] as number),
    held: rows.filter((row) => !isFree(row)),
  };
}

/**
 * Takes all free partitions when something is due in one of them: a lane that holds much needs no claim for the next
 * message, and hands over when others ask. Looks first, so that idle relays write nothing.
 */
export function claimer(
  connection: Connection,
  marks: WantedMarks,
): (request: ClaimRequest) => Promise<MongoLease | null> {
  return (request) =>
    connection.run(async () => {
      const [view, topics] = await Promise.all([
        viewPartitions(connection),
        topicCondition(connection, request.topics),
      ]);
      const { now, free, held } = view;
      if ((await duePartitions(connection, free, topics, now, 1)).length > 0) {
        const won = await takeFree(connection, free, request);
        if (won.length > 0) return leaseOn(request.token, won);
      }
      const numbers = held.map((row) => row['_id'] as number);
      const due = new Set(await duePartitions(connection, numbers, topics, now, SAMPLE));
      const wanted = held.filter((row) => due.has(row['_id'] as number));
      if (wanted.length > 0) await marks.ask(request.relay, wanted);
      return null;
    });
}
