import type { Lease, RenewReport } from '@outrelay/core';
import { fromNow } from './collections.ts';
import type { Connection } from './connection.ts';
import { leaseOn, type MongoLease } from './lease.ts';
import type { WantedMarks } from './wanted.ts';

/** Not all partitions of the lease are held any more. */
class PartsMissing extends Error {}

/** Extends a lease that nobody has taken over, also after its end. */
export function renewer(
  connection: Connection,
  marks: WantedMarks,
): (lease: Lease, leaseMs: number) => Promise<RenewReport | null> {
  return async (lease, leaseMs) => {
    const { token, state } = lease as MongoLease;
    const { partitions } = state;
    const extend = connection.transaction(async (session) => {
      const { matchedCount } = await connection.database
        .collection('partitions')
        .updateMany(
          { _id: { $in: partitions }, token, released: false },
          [{ $set: { expires_at: fromNow(leaseMs) } }],
          { session },
        );
      if (matchedCount < partitions.length) throw new PartsMissing();
    });
    try {
      const [, wanted] = await Promise.all([extend, connection.run(() => marks.of(token))]);
      return { lease: leaseOn(token, partitions), wanted: wanted !== null };
    } catch (error) {
      if (error instanceof PartsMissing) return null;
      throw error;
    }
  };
}

/** Frees what is held under the token. The token stays, so that a late settle can still be judged. */
export function releaser(connection: Connection, marks: WantedMarks): (token: string) => Promise<void> {
  return (token) =>
    connection.run(async () => {
      await connection.database
        .collection('partitions')
        .updateMany({ token, released: false }, { $set: { released: true } });
      await marks.forget(token);
    });
}
