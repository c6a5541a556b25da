import type { ClaimedMessage } from '@outrelay/core';
import type { Candidate } from './candidate.ts';
import type { Connections } from './connections.ts';
import { Delayed } from './delayed.ts';
import { fence } from './fence.ts';
import { heldBy, type PgLease } from './lease.ts';
import { CONTENT, delayedMessage } from './row.ts';
import { NOW, type Tables } from './tables.ts';

/**
 * Hands out one message alone, charged for the coming attempt in the same transaction: whatever ends the relay now, it
 * was this message, and its attempts are counted although nobody is left to count them. Its neighbours stay uncharged.
 *
 * Answers `null` when the message or the lease is gone, so that the caller looks again.
 */
export function suspectTaker(
  connections: Connections,
  tables: Tables,
): (lease: PgLease, candidate: Candidate) => Promise<ClaimedMessage | null> {
  const { messages, delayed } = tables;
  const rows = new Delayed(tables);
  return async ({ token }, { position, partition }) => {
    const held = (column: string): string => heldBy(tables, token, column);
    const found = await connections.change([
      fence(tables, token, [partition]),
      `WITH moved AS (DELETE FROM ${messages} AS m WHERE m.position = ${position} AND ${held('m.partition_no')} RETURNING m.position, ${CONTENT}) INSERT INTO ${delayed} (position, ${CONTENT}, available_at, attempts, redrives, blocks) SELECT position, ${CONTENT}, ${NOW}, 0, 0, message_key IS NOT NULL FROM moved`,
      `UPDATE ${delayed} AS d SET attempts = attempts + 1 WHERE d.position = ${position} AND NOT d.dead AND ${held('d.partition_no')} RETURNING d.position`,
      rows.at([position]),
    ]);
    const [, , charged = [], [row] = []] = found;
    return charged.length === 0 || row === undefined ? null : delayedMessage(row, token, true);
  };
}
