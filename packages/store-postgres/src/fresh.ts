import { type Candidate, candidateOf, type HotKey } from './candidate.ts';
import type { PgRow } from './client.ts';
import { numbers, text } from './literal.ts';
import { contentColumns } from './row.ts';
import { type Stream, type Streams, streamSource } from './streams.ts';
import type { Tables } from './tables.ts';

/** Fresh rows that were looked at. */
export interface FreshView {
  /** Those that may go, in order of position. */
  readonly open: readonly Candidate[];
  /** Those that an earlier message of their key holds back. */
  readonly blocked: readonly Candidate[];
  /** The last position up to which all rows were looked at; `Infinity` when there are no more. */
  readonly horizon: number;
}

/** A look at the beginnings of streams: how many rows of each it goes through, and how many it takes together. */
export interface FreshLook {
  readonly streams: readonly Stream[];
  readonly floors: readonly number[];
  readonly widths: readonly number[];
  /** How many rows it takes together, those with the lowest positions. */
  readonly limit: number;
}

/** A look at whole messages. */
export interface ContentLook extends FreshLook {
  /** Payloads of more bytes stay where they are, so that all of them together have no more than was asked for. */
  readonly small: number;
}

const bytesOf = (row: string): string =>
  `coalesce(octet_length(${row}.payload), 0) + coalesce(octet_length(${row}.payload_bytes), 0)`;
const BYTES = bytesOf('m');

/** Statements over fresh messages: those that nobody has tried and that wait for nothing but their turn. */
export class Fresh {
  readonly #tables: Tables;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  /** The first rows of streams as `m`: each stream is read from the index, and ends by itself. */
  #first(columns: string, { streams, floors, widths }: FreshLook): string {
    return `${streamSource(streams, floors, widths)} CROSS JOIN LATERAL (SELECT ${columns} FROM ${this.#tables.messages} AS x WHERE x.topic = s.topic AND x.partition_no = s.partition_no AND x.position > s.floor ORDER BY x.position LIMIT s.width) AS m`;
  }

  /** The same, merged in order of position. */
  #merged(columns: string, look: FreshLook): string {
    return `SELECT m.* FROM ${this.#first(columns, look)} ORDER BY m.position LIMIT ${look.limit}`;
  }

  /** The first messages as a whole, but for payloads that are not small; the last column has their bytes. */
  content(look: ContentLook): string {
    const small = `CASE WHEN ${bytesOf('x')} <= ${look.small} THEN`;
    const columns = `x.position, x.partition_no, x.id, x.topic, x.message_key, x.content_type, x.created_at, x.headers, ${small} x.payload END AS payload, ${small} x.payload_bytes END AS payload_bytes, ${bytesOf('x')} AS bytes`;
    return `SELECT ${contentColumns('m')}, m.bytes FROM (${this.#merged(columns, look)}) AS m ORDER BY m.position`;
  }

  /** The first messages without their content, and whether an earlier one of their key holds each back. */
  candidates(look: FreshLook, blocking: boolean): string {
    const blocked = blocking ? this.#blocked() : 'NULL';
    return `SELECT m.position, m.partition_no, m.topic, m.message_key, ${BYTES}, ${blocked} FROM (${this.#merged('x.*', look)}) AS m ORDER BY m.position`;
  }

  /** The first messages of other keys than the hot one. */
  others(look: FreshLook, hot: HotKey, limit: number): string {
    const rows = this.#merged('x.*', { ...look, limit: look.widths.reduce((sum, width) => sum + width, 0) });
    return `SELECT m.position, m.partition_no, m.topic, m.message_key, ${BYTES} FROM (${rows}) AS m WHERE (m.message_key IS DISTINCT FROM ${text(hot.key)} OR m.topic <> ${text(hot.topic)}) AND ${this.#blocked()} IS NULL ORDER BY m.position LIMIT ${limit}`;
  }

  /** The rows at the given positions as a whole, in no particular order. */
  at(positions: readonly number[]): string {
    return `SELECT ${contentColumns('m')} FROM ${this.#tables.messages} AS m WHERE m.position = ANY(${numbers(positions, 'bigint')})`;
  }

  #blocked(): string {
    return `(SELECT true FROM ${this.#tables.delayed} AS d WHERE d.blocks AND d.topic = m.topic AND d.message_key = m.message_key AND d.position < m.position ORDER BY d.position LIMIT 1)`;
  }
}

/** Where a look at the streams of some topics in some partitions begins and how far it goes. */
export function freshLook(
  streams: Streams,
  topics: readonly string[],
  partitions: readonly number[],
  limit: number,
): FreshLook {
  const all = topics.flatMap((topic) => partitions.map((partition): Stream => ({ topic, partition })));
  return {
    streams: all,
    floors: all.map((stream) => streams.floor(stream)),
    widths: all.map((stream) => streams.width(stream, limit, all.length)),
    limit,
  };
}

/** A look at no more whole messages than can have the bytes that are asked for, by the largest of the last read. */
export function contentLook(
  streams: Streams,
  topics: readonly string[],
  partitions: readonly number[],
  { messages, bytes }: { readonly messages: number; readonly bytes: number },
): ContentLook {
  const limit = Math.min(messages, Math.max(1, Math.floor(bytes / streams.largest)));
  return { ...freshLook(streams, topics, partitions, limit), small: Math.floor(bytes / limit) };
}

/**
 * How far a look has really seen: where a stream gave as many rows as it was asked for, there may be more of it, before
 * rows of the others. Learns from the look what the next one should ask for.
 *
 * @param rows - position, partition and topic of what was found, in order
 * @param proven - {@link Streams.proven} from before the look
 */
export function horizonOf(
  streams: Streams,
  look: FreshLook,
  rows: readonly { readonly position: number; readonly partition: number; readonly topic: string }[],
  proven: number,
  complete: boolean,
): number {
  const counts = new Map<string, { count: number; first: number; last: number }>();
  for (const { position, partition, topic } of rows) {
    const name = `${partition} ${topic}`;
    const seen = counts.get(name);
    if (seen === undefined) counts.set(name, { count: 1, first: position, last: position });
    else {
      seen.count++;
      seen.last = position;
    }
  }
  const end = complete ? Number.POSITIVE_INFINITY : (rows.at(-1)?.position ?? 0);
  let horizon = end;
  for (const [at, stream] of look.streams.entries()) {
    const seen = counts.get(`${stream.partition} ${stream.topic}`);
    streams.raise(stream, seen === undefined ? end : seen.first - 1, proven);
    const width = look.widths[at] ?? 0;
    if (seen === undefined) {
      streams.tookFrom(stream, 0);
    } else if (seen.count >= width && width < look.limit) {
      horizon = Math.min(horizon, seen.last);
      streams.tookFrom(stream, 2 * width);
    } else {
      streams.tookFrom(stream, seen.count);
    }
  }
  return horizon;
}

/** What a statement of {@link Fresh.candidates} found. */
export function freshView(
  streams: Streams,
  look: FreshLook,
  rows: readonly PgRow[],
  proven: number,
): FreshView {
  const candidates = rows.map((row) => ({ ...candidateOf(row, false), held: row[5] === 't' }));
  const horizon = horizonOf(streams, look, candidates, proven, rows.length < look.limit);
  const seen = candidates.filter(({ position }) => position <= horizon);
  return {
    open: seen.filter(({ held }) => !held),
    blocked: seen.filter(({ held }) => held),
    horizon:
      seen.length === candidates.length && rows.length < look.limit ? Number.POSITIVE_INFINITY : horizon,
  };
}
