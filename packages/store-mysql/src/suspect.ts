import type { ClaimedMessage } from '@outrelay/core';
import type { Candidate } from './candidate.ts';
import { Chain } from './chain.ts';
import type { Session } from './connections.ts';
import { Delayed } from './delayed.ts';
import { lock, type MysqlLease } from './lease.ts';
import { whole } from './literal.ts';
import { delayedMessage } from './row.ts';
import type { Tables } from './tables.ts';

/**
 * Hands out one message alone, charged for the coming attempt in the same transaction: whatever ends the relay now, it
 * was this message, and its attempts are counted although nobody is left to count them. Its neighbours stay uncharged.
 *
 * Answers `null` when the message or the lease is gone, so that the caller looks again.
 */
export function suspectTaker(
  tables: Tables,
): (session: Session, lease: MysqlLease, candidate: Candidate) => Promise<ClaimedMessage | null> {
  const chain = new Chain(tables);
  const rows = new Delayed(tables);
  return async (session, { token }, { position, partition, delayed: isDelayed }) => {
    const { rows: held, now } = await lock(session, tables, [partition]);
    if (held.some((row) => row.token !== token || row.released)) return null;
    const at = whole(position);
    if (!isDelayed) await session.script(chain.asideSql([at], now, 0, 'message_key IS NOT NULL'));
    const charged = await session.run(
      `UPDATE ${tables.delayed} FORCE INDEX (PRIMARY) SET attempts = attempts + 1 WHERE position = ${at} AND dead = 0`,
    );
    if (charged === 0) return null;
    const [row] = await rows.at(session, [position]);
    return row === undefined ? null : delayedMessage(row, token, true);
  };
}
