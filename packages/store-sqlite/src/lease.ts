import { type Lease, OutboxError } from '@outrelay/core';
import type { Session } from './connection.ts';
import { NOW_MS, type Tables } from './tables.ts';

/**
 * A lease on the whole store: SQLite has one writer at a time, so several relays on one file would gain nothing.
 *
 * `state` is what its reads remember for the next one; it only saves work and is never needed to be right.
 */
export interface SqliteLease extends Lease {
  readonly state: {
    reads: number;
    /** Whether the last full read was mostly one key. */
    hot: boolean;
  };
}

/** What a verb has to know before it acts under a lease. */
export interface LeaseRow {
  /** The token of the present or last holder. */
  readonly token: string | null;
  readonly released: boolean;
  /** How many relays in a row have vanished without giving their lease back. */
  readonly losses: number;
  /** How many messages are to be handed out one at a time. */
  readonly suspectLeft: number;
  /** The clock of the database, in milliseconds since 1970. */
  readonly now: number;
}

/** The statement behind {@link leaseRow}. */
export function leaseSql({ partitions }: Tables): string {
  return `SELECT token, released, losses, suspect_left, ${NOW_MS} AS now FROM ${partitions} WHERE partition_no = 0`;
}

/** Reads the one row of leases. In a write transaction it cannot change any more, which makes it the fence. */
export function leaseRow(session: Session, sql: string): LeaseRow {
  const row = session.row(sql);
  if (row === undefined)
    throw new OutboxError('STORE_SCHEMA_OUTDATED', 'The row of the outbox that holds its lease is gone.');
  const [token, released, losses, suspectLeft, now] = row as [string | null, number, number, number, number];
  return { token, released: released === 1, losses, suspectLeft, now };
}
