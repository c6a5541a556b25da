import type { TopicFilter } from '@outrelay/core';
import type { SqliteRow, SqliteValue } from './client.ts';
import { type Candidate, candidateOf, type HotKey } from './candidate.ts';
import type { Session } from './connection.ts';
import { freshTopics } from './due.ts';
import { CONTENT_COLUMNS, hasLargePayload, type Run, SMALL_CONTENT_COLUMNS } from './row.ts';
import type { Tables } from './tables.ts';
import { type MergeStatements, mergeStatements, mergeTopics, type OrderedSource } from './topic-merge.ts';

/** Fresh rows that were looked at. */
export interface FreshView {
  /** Those that may go, in order of position. */
  readonly open: readonly Candidate[];
  /** Those that an earlier message of their key holds back, in order of position. */
  readonly blocked: readonly Candidate[];
  /** The last position that was looked at; `Infinity` when there are no more. */
  readonly horizon: number;
}

/** Rows of {@link CONTENT_COLUMNS} after their position, and the run they are. */
export interface FreshRun {
  readonly rows: readonly SqliteRow[];
  readonly run: Run | null;
}

/** The statements behind {@link Fresh.firstRun}. */
interface RunSql {
  readonly small: string;
  readonly size: string;
  readonly rows: string;
}

/** Reads the table of fresh messages: those that nobody has tried and that wait for nothing but their turn. */
export class Fresh {
  readonly #topicsOf: ReturnType<typeof freshTopics>;
  readonly #candidates: { readonly plain: MergeStatements; readonly blocking: MergeStatements };
  readonly #others: MergeStatements;
  readonly #all: RunSql;
  readonly #ofTopic: RunSql;
  readonly #at: string;

  constructor(tables: Tables) {
    const { messages, delayed } = tables;
    this.#topicsOf = freshTopics(tables);
    const blocked = `(m.message_key IS NOT NULL AND EXISTS (SELECT 1 FROM ${delayed} AS d WHERE d.blocks = 1 AND d.topic = m.topic AND d.message_key = m.message_key AND d.position < m.position))`;
    const source = (blockedColumn: string): OrderedSource => ({
      columns: `position, topic, message_key, octet_length(payload) AS bytes, ${blockedColumn} AS blocked`,
      from: `${messages} AS m`,
      where: 'm.position > ?',
    });
    this.#candidates = { plain: mergeStatements(source('0')), blocking: mergeStatements(source(blocked)) };
    this.#others = mergeStatements(
      source(blocked),
      (sql) =>
        `SELECT * FROM (${sql}) WHERE blocked = 0 AND (message_key IS NOT ? OR topic <> ?) ORDER BY 1 LIMIT ?`,
    );
    const whole = (condition: string): RunSql => ({
      small: `SELECT position, ${SMALL_CONTENT_COLUMNS} FROM ${messages} ${condition} ORDER BY position LIMIT ?`,
      size: `SELECT coalesce(sum(bytes), 0) FROM (SELECT octet_length(payload) AS bytes FROM ${messages} ${condition} ORDER BY position LIMIT ?)`,
      rows: `SELECT position, ${CONTENT_COLUMNS} FROM ${messages} ${condition} ORDER BY position LIMIT ?`,
    });
    this.#all = whole('');
    this.#ofTopic = whole('WHERE topic = ?');
    this.#at = `SELECT position, ${CONTENT_COLUMNS} FROM ${messages} WHERE position IN (SELECT value FROM json_each(?))`;
  }

  /** What the filter comes to at this moment; `null` when every topic that is there is accepted. */
  topics(session: Session, filter: TopicFilter): readonly string[] | null {
    return this.#topicsOf(session, filter);
  }

  /**
   * The first messages of the table, or of one topic, as a whole; `null` when they are larger than `bytes` together.
   *
   * For the normal case, in which nothing is blocked, so that there is nothing to choose.
   */
  firstRun(session: Session, topic: string | null, messages: number, bytes: number): FreshRun | null {
    const sql = topic === null ? this.#all : this.#ofTopic;
    const parameters = topic === null ? [messages] : [topic, messages];
    const rows =
      this.#small(session, sql, parameters, Math.floor(bytes / messages)) ??
      this.#fitting(session, sql, parameters, bytes);
    if (rows === null) return null;
    const [first] = rows;
    const last = rows.at(-1);
    if (first === undefined || last === undefined) return { rows, run: null };
    return { rows, run: { topic, first: first[0] as number, last: last[0] as number, count: rows.length } };
  }

  /** The rows when no payload has more than `bytes`, so that all of them fit: one pass for the normal case. */
  #small(
    session: Session,
    sql: RunSql,
    parameters: readonly SqliteValue[],
    bytes: number,
  ): readonly SqliteRow[] | null {
    const rows = session.rows(sql.small, bytes, ...parameters);
    return rows.some(hasLargePayload) ? null : rows;
  }

  /** The rows when they have no more than `bytes` together, which is asked before they are loaded. */
  #fitting(
    session: Session,
    sql: RunSql,
    parameters: readonly SqliteValue[],
    bytes: number,
  ): readonly SqliteRow[] | null {
    const size = session.row(sql.size, ...parameters)?.[0] as number;
    return size > bytes ? null : session.rows(sql.rows, ...parameters);
  }

  /** Looks at up to `window` rows after a position, without their content. */
  view(
    session: Session,
    topics: readonly string[] | null,
    blocking: boolean,
    after: number,
    window: number,
  ): FreshView {
    const statements = blocking ? this.#candidates.blocking : this.#candidates.plain;
    const rows = mergeTopics(session, statements, topics, [after], [window], window);
    const open: Candidate[] = [];
    const blocked: Candidate[] = [];
    for (const row of rows) (row[4] === 1 ? blocked : open).push(candidateOf(row, 0, false));
    const last = rows.at(-1);
    return {
      open,
      blocked,
      horizon: last === undefined || rows.length < window ? Number.POSITIVE_INFINITY : (last[0] as number),
    };
  }

  /** The first messages of other keys than the hot one, from up to `window` rows after a position. */
  others(
    session: Session,
    topics: readonly string[] | null,
    hot: HotKey,
    after: number,
    window: number,
    limit: number,
  ): Candidate[] {
    const rest = [window, hot.key, hot.topic, limit];
    const rows = mergeTopics(session, this.#others, topics, [after], rest, limit);
    return rows.map((row) => candidateOf(row, 0, false));
  }

  /** The rows at the given positions, in no particular order. */
  at(session: Session, positions: readonly number[]): readonly SqliteRow[] {
    return positions.length === 0 ? [] : session.rows(this.#at, JSON.stringify(positions));
  }
}
