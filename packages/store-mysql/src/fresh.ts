import { type Candidate, CANDIDATE_COLUMNS, candidateOf, type HotKey } from './candidate.ts';
import type { MysqlRow } from './client.ts';
import type { Session } from './connections.ts';
import { list, text, whole } from './literal.ts';
import { CONTENT_COLUMNS } from './row.ts';
import type { Tables } from './tables.ts';

/** Fresh rows that were looked at. */
export interface FreshView {
  /** Those that may go, in order of position, up to the horizon. */
  readonly open: readonly Candidate[];
  /** Those beyond the horizon, for which others may have to be skipped. */
  readonly beyond: readonly Candidate[];
  /** Those that an earlier message of their key holds back. */
  readonly blocked: readonly Candidate[];
  /** The last position that was looked at everywhere; `Infinity` when there are no more. */
  readonly horizon: number;
}

/** One topic in one partition: rows that an index has in order of position. */
interface Source {
  readonly topic: string;
  readonly partition: number;
  after: number;
  ended: boolean;
}

/** Sources in one statement. */
const SOURCES_PER_STATEMENT = 128;
const LEAST_ROWS = 16;
const GROWTH = 4;

/** Reads the table of fresh messages: those that nobody has tried and that wait for nothing but their turn. */
export class Fresh {
  readonly #messages: string;
  readonly #blocked: string;

  constructor({ messages, delayed }: Tables) {
    this.#messages = messages;
    this.#blocked = `(m.message_key IS NOT NULL AND EXISTS (SELECT 1 FROM ${delayed} AS d FORCE INDEX (outbox_delayed_chain) WHERE d.blocks = 1 AND d.topic = m.topic AND d.message_key = m.message_key AND d.position < m.position))`;
  }

  /**
   * Looks at the first rows of topics in partitions, until `wanted` of them may go or there are no more.
   *
   * Each topic of each partition is in order by itself. From all of them the first rows are taken; what is behind the
   * last row of one that has more to give may not be the next, so those are looked at further.
   *
   * @param blocking - whether any key is held back
   */
  async view(
    session: Session,
    topics: readonly string[],
    partitions: readonly number[],
    blocking: boolean,
    wanted: number,
  ): Promise<FreshView> {
    const sources = topics.flatMap((topic) =>
      partitions.map((partition): Source => ({ topic, partition, after: 0, ended: false })),
    );
    const found: Candidate[] = [];
    const blocked: Candidate[] = [];
    let rows = Math.max(LEAST_ROWS, Math.ceil((2 * wanted) / Math.max(1, sources.length)));
    let active = sources;
    for (;;) {
      for (let from = 0; from < active.length; from += SOURCES_PER_STATEMENT) {
        const part = active.slice(from, from + SOURCES_PER_STATEMENT);
        const answer = await session.rows(this.#sourcesSql(part, blocking, rows));
        this.#note(part, answer, rows, found, blocked);
      }
      const horizon = Math.min(
        ...sources.map(({ ended, after }) => (ended ? Number.POSITIVE_INFINITY : after)),
      );
      const open = found.filter(({ position }) => position <= horizon);
      if (open.length >= wanted || blocked.length >= wanted || horizon === Number.POSITIVE_INFINITY) {
        const sorted = found.toSorted((a, b) => a.position - b.position);
        return {
          open: sorted.filter(({ position }) => position <= horizon),
          beyond: sorted.filter(({ position }) => position > horizon),
          blocked,
          horizon,
        };
      }
      rows = Math.min(rows * GROWTH, Math.max(LEAST_ROWS, wanted));
      const furthest = found.toSorted((a, b) => a.position - b.position)[wanted - 1]?.position;
      active = sources.filter(
        ({ ended, after }) => !ended && after <= (furthest ?? Number.POSITIVE_INFINITY),
      );
    }
  }

  #sourcesSql(sources: readonly Source[], blocking: boolean, rows: number): string {
    const blocked = blocking ? this.#blocked : '0';
    return sources
      .map(
        ({ topic, partition, after }) =>
          `(SELECT ${CANDIDATE_COLUMNS}, ${blocked} AS blocked FROM ${this.#messages} AS m FORCE INDEX (outbox_messages_read) WHERE topic = ${text(topic)} AND partition_no = ${whole(partition)} AND position > ${whole(after)} ORDER BY position LIMIT ${whole(rows)})`,
      )
      .join(' UNION ALL ');
  }

  #note(
    sources: readonly Source[],
    rows: readonly MysqlRow[],
    limit: number,
    found: Candidate[],
    blocked: Candidate[],
  ): void {
    const lasts = new Map<string, { count: number; last: number }>();
    for (const row of rows) {
      const candidate = candidateOf(row, 0, false);
      (row[5] === 1 ? blocked : found).push(candidate);
      const name = `${candidate.partition} ${candidate.topic}`;
      const seen = lasts.get(name) ?? { count: 0, last: 0 };
      lasts.set(name, { count: seen.count + 1, last: Math.max(seen.last, candidate.position) });
    }
    for (const source of sources) {
      const seen = lasts.get(`${source.partition} ${source.topic}`);
      source.ended = (seen?.count ?? 0) < limit;
      source.after = seen?.last ?? source.after;
    }
  }

  /** The first messages of other keys than the hot one, from up to `window` rows of its topic and partition. */
  async others(
    session: Session,
    hot: HotKey,
    partition: number,
    after: number,
    window: number,
    limit: number,
  ): Promise<Candidate[]> {
    const rows = await session.rows(
      `SELECT * FROM (SELECT ${CANDIDATE_COLUMNS}, ${this.#blocked} AS blocked FROM ${this.#messages} AS m FORCE INDEX (outbox_messages_read) WHERE topic = ${text(hot.topic)} AND partition_no = ${whole(partition)} AND position > ${whole(after)} ORDER BY position LIMIT ${whole(window)}) AS w WHERE blocked = 0 AND NOT (message_key <=> ${text(hot.key)}) ORDER BY position LIMIT ${whole(limit)}`,
    );
    return rows.map((row) => candidateOf(row, 0, false));
  }

  /** The rows at the given positions, in no particular order. */
  async at(session: Session, positions: readonly number[]): Promise<readonly MysqlRow[]> {
    if (positions.length === 0) return [];
    return session.rows(
      `SELECT position, partition_no, ${CONTENT_COLUMNS} FROM ${this.#messages} FORCE INDEX (PRIMARY) WHERE position IN ${list(positions.map(whole))}`,
    );
  }
}
