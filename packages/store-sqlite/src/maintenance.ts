import type { MaintenanceFacet } from '@outrelay/core';
import type { Connection } from './connection.ts';
import type { SqliteStoreSettings } from './options.ts';
import { NOW_MS } from './tables.ts';

/** Removes history, receipts and counts of attempts past their retention, the oldest first, in one short transaction a call. */
export function maintenanceFacet(connection: Connection, settings: SqliteStoreSettings): MaintenanceFacet {
  const { tables, historyRetentionMs, receiptRetentionMs } = settings;
  const { history, receipts, attempts } = tables;
  // In order of sending, which needs no index: it begins with the oldest row and ends at the first younger one.
  const oldHistory = `DELETE FROM ${history} WHERE sent_no IN (SELECT sent_no FROM ${history} ORDER BY sent_no LIMIT ?) AND sent_at < ${NOW_MS} - ?`;
  const oldReceipts = `DELETE FROM ${receipts} WHERE (consumer, message_id) IN (SELECT consumer, message_id FROM ${receipts} WHERE recorded_at < ${NOW_MS} - ? ORDER BY recorded_at LIMIT ?)`;
  const oldAttempts = `DELETE FROM ${attempts} WHERE (consumer, message_id) IN (SELECT consumer, message_id FROM ${attempts} WHERE charged_at < ${NOW_MS} - ? ORDER BY charged_at LIMIT ?)`;
  const anything = `SELECT coalesce((SELECT sent_at FROM ${history} ORDER BY sent_no LIMIT 1) < ${NOW_MS} - ?, 0) OR EXISTS (SELECT 1 FROM ${receipts} WHERE recorded_at < ${NOW_MS} - ?) OR EXISTS (SELECT 1 FROM ${attempts} WHERE charged_at < ${NOW_MS} - ?)`;
  return {
    async purge({ limit }) {
      // Looks first: a purge that finds nothing should not stand in the way of writers.
      const found = await connection.read(
        (session) =>
          session.row(anything, historyRetentionMs, receiptRetentionMs, receiptRetentionMs)?.[0] === 1,
      );
      if (!found) return { removed: 0, more: false };
      const removed = await connection.write((session) => {
        let count = session.run(oldHistory, limit, historyRetentionMs);
        for (const old of [oldReceipts, oldAttempts])
          if (count < limit) count += session.run(old, receiptRetentionMs, limit - count);
        return count;
      });
      return { removed, more: removed === limit };
    },
  };
}
