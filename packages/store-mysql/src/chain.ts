import type { Session } from './connections.ts';
import { list, text, whole } from './literal.ts';
import { CONTENT_COLUMNS } from './row.ts';
import { NOW, type Tables } from './tables.ts';

/** Scheduled messages that join the order of their keys in one transaction. */
const JOIN_LIMIT = 1_000;
/** Rows that move behind a blocked key in one transaction. */
const MOVE_LIMIT = 2_000;

/** A topic and key. */
export type ChainKey = readonly [topic: string, key: string];

/**
 * Keeps the chains of the keys, which `Delayed` describes, in order. Everything here runs in a transaction that has
 * locked the rows of the partitions, and looks again at what was found in an earlier snapshot: what held a key back may
 * be gone meanwhile.
 */
export class Chain {
  readonly #tables: Tables;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  #earlier(row: string): string {
    return `EXISTS (SELECT 1 FROM ${this.#tables.delayed} AS e FORCE INDEX (outbox_delayed_chain) WHERE e.blocks = 1 AND e.topic = ${row}.topic AND e.message_key = ${row}.message_key AND e.position < ${row}.position)`;
  }

  /** Lets scheduled messages of the partitions whose time has come hold back what follows them. */
  async join(session: Session, partitions: readonly number[]): Promise<void> {
    const { delayed } = this.#tables;
    const due = await this.#positions(
      session,
      `SELECT position FROM ${delayed} FORCE INDEX (outbox_delayed_joins) WHERE joins_at <= ${NOW} AND partition_no IN ${list(partitions.map(whole))} ORDER BY joins_at LIMIT ${JOIN_LIMIT}`,
    );
    if (due.length > 0)
      await session.run(
        `UPDATE ${delayed} FORCE INDEX (PRIMARY) SET blocks = 1 WHERE position IN ${list(due)}`,
      );
  }

  /** Moves blocked fresh messages aside, so that the next read need not look at them again. */
  async moveBehind(session: Session, positions: readonly number[]): Promise<void> {
    const { messages } = this.#tables;
    const some = list(positions.slice(0, MOVE_LIMIT).map(whole));
    const blocked = await this.#positions(
      session,
      `SELECT position FROM ${messages} AS m FORCE INDEX (PRIMARY) WHERE position IN ${some} AND parked = 0 AND ${this.#earlier('m')}`,
    );
    if (blocked.length > 0) await session.script(this.asideSql(blocked, 'NULL', 0, '1'));
  }

  /** The statements that move fresh rows to the delayed ones and leave reservations of their ids. */
  asideSql(
    positions: readonly string[],
    availableAt: string,
    attempts: number,
    blocks: string,
  ): readonly string[] {
    const { messages, delayed } = this.#tables;
    return [
      `INSERT INTO ${delayed} (position, ${CONTENT_COLUMNS}, available_at, attempts, redrives, blocks) SELECT position, ${CONTENT_COLUMNS}, ${availableAt}, ${whole(attempts)}, 0, ${blocks} FROM ${messages} FORCE INDEX (PRIMARY) WHERE position IN ${list(positions)} AND parked = 0`,
      this.reserveSql(positions),
    ];
  }

  /** The statement that makes fresh rows reservations of their ids. */
  reserveSql(positions: readonly string[]): string {
    return `UPDATE ${this.#tables.messages} FORCE INDEX (PRIMARY) SET parked = 1, headers = '{}', payload = NULL, payload_bytes = NULL WHERE position IN ${list(positions)}`;
  }

  /** Takes the due time from rows that are not the first of their chain. */
  async demote(session: Session, positions: readonly number[]): Promise<void> {
    const { delayed } = this.#tables;
    const standing = await this.#positions(
      session,
      `SELECT position FROM ${delayed} AS d FORCE INDEX (PRIMARY) WHERE position IN ${list(positions.map(whole))} AND blocks = 1 AND ${this.#earlier('d')}`,
    );
    if (standing.length > 0) {
      await session.run(
        `UPDATE ${delayed} FORCE INDEX (PRIMARY) SET available_at = NULL WHERE position IN ${list(standing)}`,
      );
    }
  }

  /** Makes the first rows of chains due, after what was before them has left. */
  async promote(session: Session, keys: readonly ChainKey[], now: string): Promise<void> {
    const { delayed } = this.#tables;
    if (keys.length === 0) return;
    const first = keys.map(
      ([topic, key]) =>
        `(SELECT position, available_at IS NULL AND dead = 0 AS behind FROM ${delayed} FORCE INDEX (outbox_delayed_chain) WHERE topic = ${text(topic)} AND message_key = ${text(key)} AND blocks = 1 ORDER BY position LIMIT 1)`,
    );
    const rows: (readonly unknown[])[] = [];
    for (let from = 0; from < first.length; from += 200)
      rows.push(...(await session.rows(first.slice(from, from + 200).join(' UNION ALL '))));
    const behind = rows.filter((row) => row[1] === 1).map(([position]) => whole(position as number));
    if (behind.length > 0) {
      await session.run(
        `UPDATE ${delayed} FORCE INDEX (PRIMARY) SET available_at = ${now} WHERE position IN ${list(behind)}`,
      );
    }
  }

  async #positions(session: Session, sql: string): Promise<readonly string[]> {
    return (await session.rows(sql)).map(([position]) => whole(position as number));
  }
}
