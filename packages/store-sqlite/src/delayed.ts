import type { TopicFilter } from '@outrelay/core';
import { type Candidate, candidateOf } from './candidate.ts';
import type { SqliteRow } from './client.ts';
import type { Session } from './connection.ts';
import { dueTopics } from './due.ts';
import { CONTENT_COLUMNS } from './row.ts';
import { NOW_MS, type Tables } from './tables.ts';
import { type MergeStatements, mergeStatements, mergeTopics } from './topic-merge.ts';

/** What the table of delayed rows asks of a read. */
export interface DelayedState {
  /** Whether any row holds later messages of its key back. */
  readonly blocking: boolean;
  /** Whether scheduled messages with a key have fallen due and have not joined their key's order yet. */
  readonly joining: boolean;
  readonly any: boolean;
}

/** Delayed rows whose time has come. */
export interface DelayedView {
  /** Those that may go, in order of position. */
  readonly open: readonly Candidate[];
  /** Positions of those that stand behind an earlier row of their key although they are due. */
  readonly standing: readonly number[];
}

const COLUMNS = 'position, topic, message_key, octet_length(payload) AS bytes';

/**
 * Reads the table of delayed messages. A row is one of these:
 *
 * - `scheduled` (blocks = 0, attempts = 0): holds nobody back before its time. One with a key joins the chain of its
 *   key when that comes, by `blocks = 1`.
 * - `retry` (available_at set): tried before, or redriven, or joined. With a key it blocks: later messages wait.
 * - `behind` (blocks = 1, available_at NULL, dead = 0): waits until the rows before it in its chain are gone.
 * - `dead marker` (dead = 1): stands for a dead letter that its key waits for.
 *
 * The first row of a chain is never `behind`: whoever removes a row promotes the next one.
 */
export class Delayed {
  readonly #state: string;
  readonly #topicsOf: ReturnType<typeof dueTopics>;
  readonly #due: MergeStatements;
  readonly #followers: string;
  readonly #at: string;

  constructor(tables: Tables) {
    const { delayed } = tables;
    this.#topicsOf = dueTopics(tables);
    this.#state = `SELECT EXISTS (SELECT 1 FROM ${delayed}), EXISTS (SELECT 1 FROM ${delayed} WHERE blocks = 1), EXISTS (SELECT 1 FROM ${delayed} WHERE blocks = 0 AND message_key IS NOT NULL AND available_at <= ${NOW_MS})`;
    this.#due = mergeStatements({
      columns: `available_at, ${COLUMNS}, (d.blocks = 1 AND EXISTS (SELECT 1 FROM ${delayed} AS e WHERE e.blocks = 1 AND e.topic = d.topic AND e.message_key = d.message_key AND e.position < d.position)) AS standing`,
      from: `${delayed} AS d`,
      where: 'd.available_at <= ?',
    });
    this.#followers = `SELECT ${COLUMNS}, dead = 0 AND (available_at IS NULL OR available_at <= ?) AS open FROM ${delayed} WHERE blocks = 1 AND topic = ? AND message_key = ? AND position > ? ORDER BY position LIMIT ?`;
    this.#at = `SELECT position, ${CONTENT_COLUMNS}, attempts, redrives, available_at FROM ${delayed} WHERE position IN (SELECT value FROM json_each(?))`;
  }

  state(session: Session): DelayedState {
    const [any, blocking, joining] = session.row(this.#state) as readonly unknown[];
    return { any: any === 1, blocking: blocking === 1, joining: joining === 1 };
  }

  /**
   * Looks at what is due, without content: first the heads of as many keys as possible, then what follows them.
   *
   * @param now - the clock of the database
   * @param limit - candidates at most
   */
  view(session: Session, filter: TopicFilter, now: number, limit: number): DelayedView {
    const topics = this.#topicsOf(session, filter);
    if (topics.length === 0) return { open: [], standing: [] };
    const open: Candidate[] = [];
    const standing: number[] = [];
    for (const row of mergeTopics(session, this.#due, topics, [now], [limit], limit)) {
      if (row[5] === 1) standing.push(row[1] as number);
      else open.push(candidateOf(row, 1, true));
    }
    for (const head of [...open]) {
      if (open.length >= limit) break;
      if (head.key !== null) open.push(...this.#followersOf(session, head, now, limit - open.length));
    }
    return { open: open.toSorted((a, b) => a.position - b.position), standing };
  }

  #followersOf(session: Session, head: Candidate, now: number, limit: number): Candidate[] {
    const rows = session.rows(this.#followers, now, head.topic, head.key, head.position, limit);
    const end = rows.findIndex((row) => row[4] === 0);
    return (end === -1 ? rows : rows.slice(0, end)).map((row) => candidateOf(row, 0, true));
  }

  /** Rows of the position, the content, attempts, redrives and available_at, in no particular order. */
  at(session: Session, positions: readonly number[]): readonly SqliteRow[] {
    return positions.length === 0 ? [] : session.rows(this.#at, JSON.stringify(positions));
  }
}
