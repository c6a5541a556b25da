import type { RenewReport } from '@outrelay/core';
import type { Connections } from './connections.ts';
import { fence } from './fence.ts';
import type { PgLease } from './lease.ts';
import { text } from './literal.ts';
import { CLOCK, interval, type Tables } from './tables.ts';

/**
 * Extends a lease of which nothing was taken over or released, also after its end.
 *
 * The end stands in one row per lease, not in one per partition: every version that is written stays as long as somebody
 * holds an old snapshot, and lies in the way of every look at the row.
 */
export function renewer(
  connections: Connections,
  tables: Tables,
): (lease: PgLease, leaseMs: number) => Promise<RenewReport | null> {
  const { partitions, leases } = tables;
  return async (lease, leaseMs) => {
    const { token, state } = lease;
    const held = `(SELECT count(*) FROM ${partitions} AS p WHERE p.token = ${text(token)} AND NOT p.released)`;
    const [, renewed = []] = await connections.change([
      fence(tables, token, state.partitions),
      `UPDATE ${leases} AS l SET expires_at = ${CLOCK} + ${interval(leaseMs)} WHERE l.token = ${text(token)} AND ${held} = ${state.partitions.length} RETURNING l.wanted IS NOT NULL`,
    ]);
    const [row] = renewed;
    return row === undefined ? null : { lease, wanted: row[0] === 't' };
  };
}

/** Frees what is held under the token. The token stays, so that a late settle can still be judged. */
export function releaser(connections: Connections, tables: Tables): (token: string) => Promise<void> {
  const { partitions, leases } = tables;
  return async (token) => {
    const own = `p.token = ${text(token)} AND NOT p.released`;
    await connections.change([
      `SELECT p.partition_no FROM ${partitions} AS p WHERE ${own} ORDER BY p.partition_no FOR UPDATE`,
      `UPDATE ${partitions} AS p SET released = true, served_at = ${CLOCK} WHERE ${own}`,
      `DELETE FROM ${leases} WHERE token = ${text(token)}`,
    ]);
  };
}
