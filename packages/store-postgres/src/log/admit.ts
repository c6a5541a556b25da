import type { Admission, Lease, LogEntry } from '@outrelay/core';
import type { Connections } from '../connections.ts';
import type { PgLease } from '../lease.ts';
import { numbers, text } from '../literal.ts';
import { NOW, type Tables } from '../tables.ts';
import type { LogRef } from './log-entry.ts';

const ADMISSIONS: readonly Admission[] = ['go', 'gone', 'blocked', 'elsewhere', 'early'];

/**
 * Says what of the log may be published, in one statement: a probe of the primary key per entry, and of the chain of
 * its key where anything is delayed.
 *
 * The log tells of a commit when it is on disk, which is before other transactions see it, and with synchronous
 * replication long before. A row that is not there is settled when its transaction is visible, and early when it is
 * not. The log holds 32 bits of the transaction's number; the rest is that of the newest one.
 */
export function admitter(
  connections: Connections,
  tables: Tables,
): (lease: Lease, entries: readonly LogEntry[]) => Promise<readonly Admission[]> {
  const { messages, delayed, partitions } = tables;
  const chain = `SELECT 1 FROM ${delayed} AS d WHERE d.topic = m.topic AND d.message_key = m.message_key AND d.position < m.position AND`;
  const isBlocked = `(m.message_key IS NOT NULL AND w.any_delayed AND (EXISTS (${chain} d.blocks) OR EXISTS (${chain} NOT d.blocks AND d.available_at <= ${NOW})))`;
  return async (given, entries) => {
    const { token } = given as PgLease;
    const refs = entries.map(({ message }) => message.ref as LogRef);
    const positions = numbers(
      refs.map(({ position }) => position),
      'bigint',
    );
    const xids = numbers(
      entries.map(({ transaction }) => transaction as number),
      'bigint',
    );
    const sql = `WITH w AS MATERIALIZED (SELECT pg_current_snapshot() AS snapshot, pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS newest, EXISTS (SELECT 1 FROM ${delayed}) AS any_delayed)
      SELECT m.partition_no, CASE
        WHEN m.position IS NULL THEN CASE WHEN pg_visible_in_snapshot((w.newest - ((w.newest - e.xid) & 4294967295))::text::xid8, w.snapshot) THEN 1 ELSE 4 END
        WHEN NOT EXISTS (SELECT 1 FROM ${partitions} AS p WHERE p.partition_no = m.partition_no AND p.token = ${text(token)} AND NOT p.released) THEN 3
        WHEN ${isBlocked} THEN 2 ELSE 0 END
      FROM w CROSS JOIN unnest(${positions}, ${xids}) WITH ORDINALITY AS e (position, xid, n) LEFT JOIN ${messages} AS m ON m.position = e.position ORDER BY e.n`;
    const [rows = []] = await connections.look([sql]);
    return rows.map(([partition, admission], at) => {
      const ref = refs[at] as LogRef;
      if (partition !== null) ref.partition = Number(partition);
      ref.token = token;
      return ADMISSIONS[Number(admission)] as Admission;
    });
  };
}
