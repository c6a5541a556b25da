import type { Lease, RenewReport } from '@outrelay/core';
import type { Connection } from './connection.ts';
import { NOW_MS, type Tables } from './tables.ts';

/** Extends a lease that nobody has taken over, also after its end. */
export function renewer(
  connection: Connection,
  { partitions }: Tables,
): (lease: Lease, leaseMs: number) => Promise<RenewReport | null> {
  const sql = `UPDATE ${partitions} SET expires_at = ${NOW_MS} + ? WHERE partition_no = 0 AND token = ? AND released = 0`;
  return async (lease, leaseMs) => {
    const renewed = await connection.write((session) => session.run(sql, leaseMs, lease.token));
    return renewed === 1 ? { lease, wanted: false } : null;
  };
}

/** Frees the store when it is held under the token. The token stays, so that a late settle can still be judged. */
export function releaser(connection: Connection, { partitions }: Tables): (token: string) => Promise<void> {
  const sql = `UPDATE ${partitions} SET released = 1 WHERE partition_no = 0 AND token = ? AND released = 0`;
  return async (token) => {
    await connection.write((session) => session.run(sql, token));
  };
}
