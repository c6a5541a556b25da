import type { MaintenanceFacet } from '@outrelay/core';
import { type Connections, rowsOf } from './connections.ts';
import { milliseconds, whole } from './literal.ts';
import type { MysqlStoreSettings } from './options.ts';
import { NOW } from './tables.ts';

/**
 * Removes history, receipts and counts of attempts past their retention, the oldest first, in one short transaction a
 * call.
 *
 * Rows are deleted in the order of an index, from its beginning to the limit, so that nothing else is locked, and two
 * purges at once wait for each other instead of deadlocking.
 */
export function maintenanceFacet(connections: Connections, settings: MysqlStoreSettings): MaintenanceFacet {
  const { tables, historyRetentionMs, receiptRetentionMs } = settings;
  const { history, receipts, attempts } = tables;
  const sent = `sent_at < ${NOW} - ${milliseconds(historyRetentionMs)}`;
  const past = `${NOW} - ${milliseconds(receiptRetentionMs)}`;
  const deletions: readonly (readonly [table: string, index: string, condition: string, order: string])[] = [
    [history, 'PRIMARY', sent, 'sent_at, position'],
    [receipts, 'inbox_receipts_recorded', `recorded_at < ${past}`, 'recorded_at'],
    [attempts, 'inbox_attempts_charged', `charged_at < ${past}`, 'charged_at'],
  ];
  return {
    async purge({ limit }) {
      // Looks first: a purge that finds nothing should write nothing.
      const found = await connections.look((session) =>
        session.script(
          deletions.map(
            ([table, index, condition]) =>
              `SELECT 1 FROM ${table} FORCE INDEX (${index}) WHERE ${condition} LIMIT 1`,
          ),
        ),
      );
      if (found.every((answer) => rowsOf(answer).length === 0)) return { removed: 0, more: false };
      const removed = await connections.write(async (session) => {
        let count = 0;
        for (const [table, , condition, order] of deletions) {
          if (count === limit) break;
          count += await session.run(
            `DELETE FROM ${table} WHERE ${condition} ORDER BY ${order} LIMIT ${whole(limit - count)}`,
          );
        }
        return count;
      });
      return { removed, more: removed === limit };
    },
  };
}
