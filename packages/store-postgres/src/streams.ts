import type { TopicFilter } from '@outrelay/core';
import type { PgRow } from './client.ts';
import { numbers, text, texts } from './literal.ts';
import { epochMs, PARTITIONS, type Tables } from './tables.ts';

/** Milliseconds between looks at who is writing, while nothing is waited for. */
const SAMPLE_MS = 100;
/** Rows of a stream that a read looks at beyond what the last one took. */
const SPARE_ROWS = 8;

/** The fresh messages of one topic in one partition, which an index holds in order of position. */
export interface Stream {
  readonly topic: string;
  readonly partition: number;
}

interface TopicStreams {
  /** By partition: every row at or below is gone, and none will come. */
  readonly floors: Float64Array;
  /** By partition: how many rows the last read took; a tenth of a backlog is a good guess for the next tenth. */
  readonly taken: Int32Array;
}

/** Who was writing when a position was the highest. */
interface Sample {
  readonly highest: number;
  readonly writers: ReadonlySet<string>;
}

/**
 * What is known of the streams of fresh messages, so that a look need not go over rows that are gone.
 *
 * While somebody holds an old snapshot, deleted rows stay in the index, and every look would pass all of them. A look may
 * begin at a floor when no row at or below it is there, *and none can appear*: a transaction that drew an earlier
 * position may commit late. That is proven by locks. Whoever draws a position by an INSERT holds `RowExclusiveLock` on
 * the table from before the draw until the end of its transaction. So when a position H was the highest, and everybody
 * who held that lock afterwards has let go of it since, no row at or below H can appear any more, and a look on a later
 * snapshot that finds none proves that there is none.
 *
 * All of it is forgotten when the server is another one, when the sequence is another one (the tables were made anew, or
 * truncated), and when commits may have been lost.
 */
export class Streams {
  readonly #topics = new Map<string, TopicStreams>();
  readonly #tables: Tables;
  /** Which server, and which incarnation of the sequence: where positions begin again, floors do too. */
  #origin: string | null = null;
  #proven = 0;
  #pending: Sample | null = null;
  #sampledAtMs = Number.NEGATIVE_INFINITY;
  #largest = 1;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  /** Forgets everything: a connection broke, and the server may have been replaced by one that knows less. */
  forget(): void {
    this.#topics.clear();
    this.#proven = 0;
    this.#pending = null;
    this.#sampledAtMs = Number.NEGATIVE_INFINITY;
  }

  /** The topics that a filter comes to, among those that are known. */
  topics(filter: TopicFilter): readonly string[] {
    if (filter.kind === 'names') return filter.names;
    return [...this.#topics.keys()].filter((topic) => filter.matches(topic));
  }

  /**
   * Statements that come first in a look: who the server is, how far positions go, who is writing, and which topics have
   * appeared. A topic is looked for between the known ones, where no row is, so that no dead one is passed.
   */
  preamble(filter: TopicFilter): readonly string[] {
    const { messages, delayed, positions } = this.#tables;
    const due = this.#pending !== null || performance.now() - this.#sampledAtMs >= SAMPLE_MS;
    const writers = `SELECT virtualtransaction FROM pg_catalog.pg_locks WHERE locktype = 'relation' AND relation = ${text(messages)}::regclass AND mode = 'RowExclusiveLock' AND granted AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())`;
    return [
      // In this order: who draws a position after the first statement is none of those who may be below it.
      `SELECT concat_ws(' ', ${epochMs('pg_postmaster_start_time()')}, pg_relation_filenode(${text(positions)}::regclass)), last_value, ${due} FROM ${positions}`,
      due ? writers : "SELECT ''",
      filter.kind === 'names' ? "SELECT ''" : this.#newTopics(messages, 'true'),
      filter.kind === 'names' ? "SELECT ''" : this.#newTopics(delayed, 'available_at IS NOT NULL'),
    ];
  }

  #newTopics(table: string, condition: string): string {
    const known = [...this.#topics.keys()].toSorted(byBytes);
    const gaps = known.map((topic, at) => [topic, known[at + 1] ?? null] as const);
    const sources = [
      known[0] === undefined ? 'true' : `topic < ${text(known[0])}`,
      ...gaps.map(
        ([low, high]) => `topic > ${text(low)}${high === null ? '' : ` AND topic < ${text(high)}`}`,
      ),
    ].map((gap) => `(SELECT topic FROM ${table} WHERE ${condition} AND ${gap} ORDER BY topic LIMIT 1)`);
    return sources.join(' UNION ALL ');
  }

  /**
   * Takes in what the statements of {@link preamble} found. Answers `false` when the look has to be repeated: topics
   * have appeared that it did not ask about, or it began at floors of another server.
   */
  learn([server, writers, ...found]: readonly (readonly PgRow[])[]): boolean {
    const [origin, highest, sampled] = server?.[0] ?? [];
    if (this.#origin !== origin || Number(highest) < this.#proven) {
      const first = this.#origin === null;
      this.forget();
      this.#origin = origin ?? null;
      if (!first) return false;
    }
    const topics = found
      .flatMap((rows) => rows.map(([topic]) => topic as string))
      .filter((topic) => topic !== '');
    for (const topic of topics) this.#of(topic);
    if (sampled === 't')
      this.#sample({
        highest: Number(highest),
        writers: new Set(writers?.map(([writer]) => String(writer))),
      });
    return topics.length === 0;
  }

  #sample(sample: Sample): void {
    this.#sampledAtMs = performance.now();
    const pending = this.#pending;
    if (sample.writers.size === 0) {
      this.#proven = sample.highest;
      this.#pending = null;
    } else if (pending === null) {
      this.#pending = sample;
    } else if (![...sample.writers].some((writer) => pending.writers.has(writer))) {
      this.#proven = pending.highest;
      this.#pending = sample;
    }
  }

  /** The highest position below which nothing can appear, for floors from looks that begin after this call. */
  get proven(): number {
    return this.#proven;
  }

  #of(topic: string): TopicStreams {
    let known = this.#topics.get(topic);
    if (known === undefined) {
      known = { floors: new Float64Array(PARTITIONS), taken: new Int32Array(PARTITIONS) };
      this.#topics.set(topic, known);
    }
    return known;
  }

  floor({ topic, partition }: Stream): number {
    return this.#topics.get(topic)?.floors[partition] ?? 0;
  }

  /** Records that no row of the stream is at or below a position, as far as `proven` says that none can appear. */
  raise({ topic, partition }: Stream, position: number, proven: number): void {
    const { floors } = this.#of(topic);
    floors[partition] = Math.max(floors[partition] ?? 0, Math.min(position, proven));
  }

  /** How many rows of a stream a look of `limit` rows over `streams` of them should go through. */
  width({ topic, partition }: Stream, limit: number, streams: number): number {
    const taken = this.#topics.get(topic)?.taken[partition] ?? 0;
    const share = Math.max(Math.ceil(limit / streams), taken);
    return Math.min(limit, Math.ceil(1.25 * share) + SPARE_ROWS);
  }

  /** Bytes of the largest payload among the last messages that were read, at least 1. */
  get largest(): number {
    return this.#largest;
  }

  /** Records the sizes of payloads that a look met. */
  met(bytes: readonly number[]): void {
    this.#largest = Math.max(1, ...bytes);
  }

  tookFrom({ topic, partition }: Stream, rows: number): void {
    this.#of(topic).taken[partition] = rows;
  }
}

/** Streams with one more number each, as the source of a statement with the columns topic, partition_no, floor, width. */
export function streamSource(
  streams: readonly Stream[],
  floors: readonly number[],
  widths: readonly number[],
): string {
  const topics = texts(streams.map(({ topic }) => topic));
  const partitions = numbers(
    streams.map(({ partition }) => partition),
    'smallint',
  );
  return `unnest(${topics}, ${partitions}, ${numbers(floors, 'bigint')}, ${numbers(widths, 'integer')}) AS s (topic, partition_no, floor, width)`;
}

/** The order of `COLLATE "C"`, which is not that of UTF-16. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
