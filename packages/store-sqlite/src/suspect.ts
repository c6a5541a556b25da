import type { ClaimedMessage } from '@outrelay/core';
import type { Candidate } from './candidate.ts';
import type { Session } from './connection.ts';
import { Delayed } from './delayed.ts';
import { leaseRow, leaseSql, type SqliteLease } from './lease.ts';
import { CONTENT_COLUMNS, delayedMessage } from './row.ts';
import { NOW_MS, type Tables } from './tables.ts';

/**
 * Hands out one message alone, charged for the coming attempt in the same transaction: whatever ends the relay now, it
 * was this message, and its attempts are counted although nobody is left to count them. Its neighbours stay uncharged.
 *
 * Answers `null` when the message or the lease is gone, so that the caller looks again.
 */
export function suspectTaker(
  tables: Tables,
): (session: Session, lease: SqliteLease, candidate: Candidate) => ClaimedMessage | null {
  const { messages, delayed } = tables;
  const rows = new Delayed(tables);
  const leaseQuery = leaseSql(tables);
  const copy = `INSERT INTO ${delayed} (position, ${CONTENT_COLUMNS}, available_at, attempts, redrives, blocks) SELECT position, ${CONTENT_COLUMNS}, ${NOW_MS}, 0, 0, message_key IS NOT NULL FROM ${messages} WHERE position = ?`;
  const remove = `DELETE FROM ${messages} WHERE position = ?`;
  const charge = `UPDATE ${delayed} SET attempts = attempts + 1 WHERE position = ? AND dead = 0`;
  return (session, lease, { position, delayed: isDelayed }) => {
    const { token, released } = leaseRow(session, leaseQuery);
    if (token !== lease.token || released) return null;
    if (!isDelayed) {
      session.run(copy, position);
      session.run(remove, position);
    }
    if (session.run(charge, position) === 0) return null;
    const [row] = rows.at(session, [position]);
    return row === undefined ? null : delayedMessage(row, token, true);
  };
}
