import { numbers, texts } from './literal.ts';
import { CONTENT } from './row.ts';
import { NOW, type Tables } from './tables.ts';

/** Scheduled messages that join the order of their keys in one transaction. */
const JOIN_LIMIT = 1_000;

/**
 * Statements that keep the chains of the keys, which {@link Delayed} describes, in order. They run after the rows of
 * their partitions were locked, and look again at what was found in an earlier snapshot: what held a key back may be
 * gone meanwhile. `held` is a condition on the number of the partition in the row that it names.
 */
export class Chain {
  readonly #messages: string;
  readonly #delayed: string;

  constructor({ messages, delayed }: Tables) {
    this.#messages = messages;
    this.#delayed = delayed;
  }

  #earlier(row: string): string {
    return `(SELECT true FROM ${this.#delayed} AS e WHERE e.blocks AND e.topic = ${row}.topic AND e.message_key = ${row}.message_key AND e.position < ${row}.position ORDER BY e.position LIMIT 1) IS NOT NULL`;
  }

  /** Lets scheduled messages whose time has come hold back what follows them. */
  join(held: (column: string) => string): string {
    const due = `SELECT d.position FROM ${this.#delayed} AS d WHERE NOT d.blocks AND d.message_key IS NOT NULL AND d.available_at <= ${NOW} AND ${held('d.partition_no')} ORDER BY d.available_at LIMIT ${JOIN_LIMIT}`;
    return `UPDATE ${this.#delayed} SET blocks = true WHERE position = ANY(ARRAY(${due}))`;
  }

  /** Moves blocked fresh messages aside, so that the next read need not look at them again. */
  moveBehind(positions: readonly number[], held: (column: string) => string): string {
    return `WITH moved AS (DELETE FROM ${this.#messages} AS m WHERE m.position = ANY(${numbers(positions, 'bigint')}) AND ${held('m.partition_no')} AND ${this.#earlier('m')} RETURNING m.position, ${CONTENT}) INSERT INTO ${this.#delayed} (position, ${CONTENT}, available_at, attempts, redrives, blocks) SELECT position, ${CONTENT}, NULL, 0, 0, true FROM moved`;
  }

  /** Takes the due time from rows that are not the first of their chain. */
  demote(positions: readonly number[], held: (column: string) => string): string {
    return `UPDATE ${this.#delayed} AS d SET available_at = NULL WHERE d.position = ANY(${numbers(positions, 'bigint')}) AND d.blocks AND NOT d.dead AND ${held('d.partition_no')} AND ${this.#earlier('d')}`;
  }

  /** Makes the first rows of chains due, after what was before them has left. */
  promote(keys: readonly (readonly [topic: string, key: string])[]): string {
    const names = `unnest(${texts(keys.map(([topic]) => topic))}, ${texts(keys.map(([, key]) => key))}) AS k (topic, message_key)`;
    const first = `(SELECT f.position FROM ${this.#delayed} AS f WHERE f.blocks AND f.topic = k.topic AND f.message_key = k.message_key ORDER BY f.position LIMIT 1)`;
    return `UPDATE ${this.#delayed} SET available_at = ${NOW} WHERE available_at IS NULL AND NOT dead AND position = ANY(ARRAY(SELECT ${first} FROM ${names}))`;
  }
}
