import type { Receipt } from '@outrelay/core';
import { change, type Steps } from './steps.ts';
import type { Tables } from './tables.ts';

/**
 * Records which consumer has processed which message; answers `false` when that is recorded already.
 *
 * SQLite has one writer at a time, so whoever records the same receipt waits for the open transaction by itself.
 */
export function recorder({ receipts }: Tables): (receipt: Receipt) => Steps<boolean> {
  const sql = `INSERT INTO ${receipts} (consumer, message_id) VALUES (?, ?) ON CONFLICT DO NOTHING`;
  return function* record({ consumer, messageId }) {
    return (yield change(sql, [consumer, messageId])) === 1;
  };
}
