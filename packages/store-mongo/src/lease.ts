import type { Lease } from '@outrelay/core';
import type { MongoDocument } from './client.ts';
import type { Connection } from './connection.ts';

/** A lease on some partitions. */
export interface MongoLease extends Lease {
  readonly state: {
    /** The partitions that were won. */
    readonly partitions: readonly number[];
    /** How often it has been read under. */
    reads: number;
  };
}

/** A partition under a lease. */
export interface HeldPartition {
  readonly no: number;
  /** How many relays in a row have vanished without giving it back. */
  readonly losses: number;
  /** How many messages are to be handed out one at a time. */
  readonly suspectLeft: number;
}

/** The partitions that are held under the token at this moment. */
export async function heldPartitions(
  connection: Connection,
  token: string,
): Promise<readonly HeldPartition[]> {
  const pipeline = [
    { $match: { token, released: false } },
    { $project: { losses: 1, suspect_left: 1, now: '$$NOW' } },
  ];
  const rows = (await connection.database
    .collection('partitions')
    .aggregate(pipeline)
    .toArray()) as MongoDocument[];
  const [first] = rows;
  if (first !== undefined) connection.clock.observe(first['now'] as Date);
  return rows.map((row) => ({
    no: row['_id'] as number,
    losses: row['losses'] as number,
    suspectLeft: row['suspect_left'] as number,
  }));
}

/** The lease of a token on the partitions that it holds. */
export function leaseOn(token: string, partitions: readonly number[]): MongoLease {
  return { token, state: { partitions, reads: 0 } };
}
