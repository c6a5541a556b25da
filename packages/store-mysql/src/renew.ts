import type { RenewReport } from '@outrelay/core';
import type { Connections } from './connections.ts';
import { lock, type MysqlLease } from './lease.ts';
import { list, milliseconds, text, whole } from './literal.ts';
import { NOW, type Tables } from './tables.ts';

/** Extends a lease of which nobody has taken anything, also after its end; all of it or nothing. */
export function renewer(
  connections: Connections,
  tables: Tables,
): (lease: MysqlLease, leaseMs: number) => Promise<RenewReport | null> {
  return async (lease, leaseMs) => {
    const { token, state } = lease;
    const numbers = state.partitions;
    return connections.write(async (session) => {
      const { rows } = await lock(session, tables, numbers);
      if (rows.some((row) => row.token !== token || row.released)) return null;
      await session.run(
        `UPDATE ${tables.partitions} FORCE INDEX (PRIMARY) SET expires_at = ${NOW} + ${milliseconds(leaseMs)} WHERE partition_no IN ${list(numbers.map(whole))}`,
      );
      return { lease, wanted: rows.some(({ wanted }) => wanted) };
    });
  };
}

/** Frees what is held under the token. The token stays, so that a late settle can still be judged. */
export function releaser(connections: Connections, { partitions }: Tables): (token: string) => Promise<void> {
  return async (token) => {
    await connections.write((session) =>
      session.run(
        `UPDATE ${partitions} SET released = 1, served_at = ${NOW}, wanted_by = NULL, wanted_at = NULL WHERE token = ${text(token)} AND released = 0`,
      ),
    );
  };
}
