import type { MaintenanceFacet } from '@outrelay/core';
import type { Connections } from './connections.ts';
import { whole } from './literal.ts';
import type { PostgresStoreSettings } from './options.ts';
import { interval, NOW } from './tables.ts';

/**
 * Removes history, receipts and counts of attempts past their retention, the oldest first, in one short transaction a call. Rows that another
 * purge is removing are passed by.
 */
export function maintenanceFacet(
  connections: Connections,
  { tables, historyRetentionMs, receiptRetentionMs }: PostgresStoreSettings,
): MaintenanceFacet {
  const old = (table: string, column: string, retentionMs: number, limit: number): string =>
    `WITH gone AS (DELETE FROM ${table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM ${table} WHERE ${column} < ${NOW} - ${interval(retentionMs)} ORDER BY ${column} LIMIT ${whole(limit)} FOR UPDATE SKIP LOCKED)) RETURNING 1) SELECT count(*) FROM gone`;
  const purge = async (
    table: string,
    column: string,
    retentionMs: number,
    limit: number,
  ): Promise<number> => {
    if (limit <= 0) return 0;
    const [rows] = await connections.change([old(table, column, retentionMs, limit)]);
    return Number(rows?.[0]?.[0]);
  };
  return {
    async purge({ limit }) {
      const sent = await purge(tables.history, 'sent_at', historyRetentionMs, limit);
      const seen = sent + (await purge(tables.receipts, 'recorded_at', receiptRetentionMs, limit - sent));
      const removed = seen + (await purge(tables.attempts, 'charged_at', receiptRetentionMs, limit - seen));
      return { removed, more: removed === limit };
    },
  };
}
