import { type Candidate, candidateOf } from './candidate.ts';
import type { PgRow } from './client.ts';
import { numbers } from './literal.ts';
import { contentColumns, DELAYED_COLUMNS } from './row.ts';
import { type Stream, streamSource } from './streams.ts';
import { NOW, type Tables } from './tables.ts';

/** What the table of delayed rows asks of a read. */
export interface DelayedState {
  /** Whether any row holds later messages of its key back. */
  readonly blocking: boolean;
  /** Whether scheduled messages of the lease have fallen due and have not joined their key's order yet. */
  readonly joining: boolean;
  /** Whether the time of any row has come. */
  readonly due: boolean;
}

/** Delayed rows whose time has come. */
export interface DelayedView {
  /** Those that may go, in order of position. */
  readonly open: readonly Candidate[];
  /** Those that stand behind an earlier row of their key although they are due. */
  readonly standing: readonly Candidate[];
}

const BYTES = 'coalesce(octet_length(d.payload), 0) + coalesce(octet_length(d.payload_bytes), 0) AS bytes';
/** Rows that a look takes from each stream at least: a storm of retries in one partition must not crawl. */
const MIN_WIDTH = 32;

/**
 * Statements over delayed messages. A row is one of these:
 *
 * - `scheduled` (not blocks, attempts = 0): holds nobody back before its time. One with a key joins the chain of its key
 *   when that comes, by `blocks`.
 * - `retry` (available_at set): tried before, or redriven, or joined. With a key it blocks: later messages wait.
 * - `behind` (blocks, available_at NULL, not dead): waits until the rows before it in its chain are gone.
 * - `dead marker` (dead): stands for a dead letter that its key waits for.
 *
 * The first row of a chain is never `behind`: whoever removes a row promotes the next one.
 */
export class Delayed {
  readonly #table: string;

  constructor({ delayed }: Tables) {
    this.#table = delayed;
  }

  /** What there is; `held` is a condition on `partition_no`. */
  state(held: string): string {
    const exists = (condition: string): string =>
      `EXISTS (SELECT 1 FROM ${this.#table} AS d WHERE ${condition} LIMIT 1)`;
    const joining = `NOT d.blocks AND d.message_key IS NOT NULL AND d.available_at <= ${NOW} AND ${held}`;
    return `SELECT ${exists('d.blocks')}, ${exists(joining)}, ${exists(`d.available_at <= ${NOW}`)}`;
  }

  /** The heads of as many keys as possible that are due, and what follows them. */
  due(streams: readonly Stream[], limit: number): string {
    const width = Math.min(limit, Math.max(MIN_WIDTH, Math.ceil((4 * limit) / Math.max(1, streams.length))));
    const source = streamSource(
      streams,
      streams.map(() => 0),
      streams.map(() => width),
    );
    const earlier = `(SELECT true FROM ${this.#table} AS e WHERE e.blocks AND e.topic = d.topic AND e.message_key = d.message_key AND e.position < d.position ORDER BY e.position LIMIT 1)`;
    const columns = `d.position, d.partition_no, d.topic, d.message_key, ${BYTES}`;
    return `WITH heads AS MATERIALIZED (
      SELECT d.* FROM ${source} CROSS JOIN LATERAL (SELECT ${columns}, d.blocks AND ${earlier} IS NOT NULL AS standing, d.available_at FROM ${this.#table} AS d WHERE d.topic = s.topic AND d.partition_no = s.partition_no AND d.available_at <= ${NOW} ORDER BY d.available_at LIMIT s.width) AS d ORDER BY d.available_at LIMIT ${limit})
      SELECT position, partition_no, topic, message_key, bytes, standing, NULL::bigint FROM heads
      UNION ALL (SELECT f.position, f.partition_no, f.topic, f.message_key, f.bytes, f.open, h.position FROM heads AS h CROSS JOIN LATERAL (SELECT ${columns}, NOT d.dead AND (d.available_at IS NULL OR d.available_at <= ${NOW}) AS open FROM ${this.#table} AS d WHERE d.blocks AND d.topic = h.topic AND d.message_key = h.message_key AND d.position > h.position ORDER BY d.position LIMIT ${limit}) AS f WHERE NOT h.standing LIMIT ${limit})`;
  }

  /** The rows at the given positions as a whole, in no particular order. */
  at(positions: readonly number[]): string {
    return `SELECT ${contentColumns('d')}, ${DELAYED_COLUMNS} FROM ${this.#table} AS d WHERE d.position = ANY(${numbers(positions, 'bigint')})`;
  }
}

/** What the statement of {@link Delayed.state} found. */
export function delayedState(rows: readonly PgRow[]): DelayedState {
  const [blocking, joining, due] = rows[0] ?? [];
  return { blocking: blocking === 't', joining: joining === 't', due: due === 't' };
}

/** What the statement of {@link Delayed.due} found: at most `limit` that may go. */
export function delayedView(rows: readonly PgRow[], limit: number): DelayedView {
  const heads = rows.filter((row) => row[6] === null);
  const open = heads.filter((row) => row[5] !== 't').map((row) => candidateOf(row, true));
  const standing = heads.filter((row) => row[5] === 't').map((row) => candidateOf(row, true));
  let stopped: string | null = null;
  for (const row of rows) {
    if (open.length >= limit) break;
    const head = row[6] ?? null;
    if (head === null || head === stopped) continue;
    if (row[5] === 't') open.push(candidateOf(row, true));
    else stopped = head;
  }
  return { open: open.toSorted((a, b) => a.position - b.position), standing };
}
