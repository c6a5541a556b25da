import type { Session } from './connection.ts';
import { CONTENT_COLUMNS } from './row.ts';
import { NOW_MS, type Tables } from './tables.ts';

/** Scheduled messages that join the order of their keys in one transaction. */
const JOIN_LIMIT = 1_000;
/** Fresh messages that move behind a blocked key in one transaction, so that writers wait milliseconds for the lock. */
const MOVE_LIMIT = 2_000;

/**
 * Keeps the chains of the keys, which {@link Delayed} describes, in order. Everything here runs in a write
 * transaction, and looks again at what was found in an earlier snapshot: what held a key back may be gone meanwhile.
 */
export class Chain {
  readonly #join: string;
  readonly #move: { readonly copy: string; readonly remove: string };
  readonly #demote: string;
  readonly #promote: string;

  constructor({ messages, delayed }: Tables) {
    const earlier = (row: string): string =>
      `EXISTS (SELECT 1 FROM ${delayed} AS e WHERE e.blocks = 1 AND e.topic = ${row}.topic AND e.message_key = ${row}.message_key AND e.position < ${row}.position)`;
    this.#join = `UPDATE ${delayed} SET blocks = 1 WHERE position IN (SELECT position FROM ${delayed} WHERE blocks = 0 AND message_key IS NOT NULL AND available_at <= ${NOW_MS} ORDER BY available_at LIMIT ${JOIN_LIMIT})`;
    this.#move = {
      copy: `INSERT INTO ${delayed} (position, ${CONTENT_COLUMNS}, available_at, attempts, redrives, blocks) SELECT position, ${CONTENT_COLUMNS}, NULL, 0, 0, 1 FROM ${messages} AS m WHERE position IN (SELECT value FROM json_each(?)) AND ${earlier('m')}`,
      remove: `DELETE FROM ${messages} WHERE position IN (SELECT value FROM json_each(?)) AND EXISTS (SELECT 1 FROM ${delayed} AS d WHERE d.position = ${messages.slice('main.'.length)}.position)`,
    };
    this.#demote = `UPDATE ${delayed} AS d SET available_at = NULL WHERE position IN (SELECT value FROM json_each(?)) AND blocks = 1 AND ${earlier('d')}`;
    this.#promote = `UPDATE ${delayed} SET available_at = ? WHERE available_at IS NULL AND dead = 0 AND position = (SELECT min(position) FROM ${delayed} WHERE blocks = 1 AND topic = ? AND message_key = ?)`;
  }

  /** Lets scheduled messages whose time has come hold back what follows them. */
  join(session: Session): void {
    session.run(this.#join);
  }

  /** Moves blocked fresh messages aside, so that the next read need not look at them again. */
  moveBehind(session: Session, positions: readonly number[]): void {
    const some = JSON.stringify(positions.slice(0, MOVE_LIMIT));
    session.run(this.#move.copy, some);
    session.run(this.#move.remove, some);
  }

  /** Takes the due time from rows that are not the first of their chain. */
  demote(session: Session, positions: readonly number[]): void {
    session.run(this.#demote, JSON.stringify(positions));
  }

  /** Makes the first row of a chain due, after what was before it has left. */
  promote(session: Session, topic: string, key: string, now: number): void {
    session.run(this.#promote, now, topic, key);
  }
}
