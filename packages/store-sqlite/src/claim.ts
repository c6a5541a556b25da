import type { ClaimRequest } from '@outrelay/core';
import type { Connection } from './connection.ts';
import { dueSomewhere } from './due.ts';
import type { SqliteLease } from './lease.ts';
import { NOW_MS, type Tables } from './tables.ts';

/** The statements of a claim. */
interface ClaimSql {
  readonly free: string;
  readonly take: string;
}

function claimSql({ partitions }: Tables): ClaimSql {
  const free = `(token IS NULL OR released = 1 OR expires_at <= ${NOW_MS})`;
  return {
    free: `SELECT ${free} AS free FROM ${partitions} WHERE partition_no = 0`,
    // The first loss is forgiven: processes end for many reasons. From the second in a row on, what the lost lease had
    // read is under suspicion, unless it is already known how many are.
    take: `UPDATE ${partitions} SET
      suspect_left = CASE WHEN released = 0 AND losses >= 1 AND suspect_left = 0 THEN last_read ELSE suspect_left END,
      losses = losses + (released = 0),
      last_read = 0, token = ?, relay = ?, expires_at = ${NOW_MS} + ?, released = 0
      WHERE partition_no = 0 AND ${free}`,
  };
}

/** Takes the lease on the store when it is free and something is due; looks first, so that idle relays write nothing. */
export function claimer(
  connection: Connection,
  tables: Tables,
): (request: ClaimRequest) => Promise<SqliteLease | null> {
  const sql = claimSql(tables);
  const isDue = dueSomewhere(tables);
  return async ({ token, relay, leaseMs, topics }) => {
    const worthwhile = await connection.read(
      (session) => session.row(sql.free)?.[0] === 1 && isDue(session, topics),
    );
    if (!worthwhile) return null;
    const taken = await connection.write((session) => session.run(sql.take, token, relay, leaseMs));
    return taken === 1 ? { token, state: { reads: 0, hot: false } } : null;
  };
}
