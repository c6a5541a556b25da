import type { TopicFilter } from '@outrelay/core';
import type { PgRow } from './client.ts';
import type { Connections } from './connections.ts';
import { isFree } from './lease.ts';
import { type Stream, type Streams, streamSource } from './streams.ts';
import { CLOCK, NOW, PARTITIONS, type Tables } from './tables.ts';

/** How a partition stands to a relay that looks for work. */
export interface PartitionView {
  readonly number: number;
  readonly free: boolean;
  /** The token of its present or last holder. */
  readonly token: string | null;
  /** It was handed over, and is kept for whoever asked. */
  readonly reserved: boolean;
  /** Milliseconds since it was last given back, taken or handed over. */
  readonly restMs: number;
  /** Milliseconds that its oldest due message has waited; `null` when nothing is due. */
  readonly dueMs: number | null;
}

/** What a relay sees when it looks for work. */
export interface Survey {
  readonly partitions: readonly PartitionView[];
  /** How many leases are held that have a part. */
  readonly leases: number;
}

/** All partitions, by number. */
const ALL_PARTITIONS: readonly number[] = [...new Array(PARTITIONS).keys()];

/** The statement for how partitions stand, in order of their number. */
export function partitionsSql(tables: Tables): string {
  const { partitions, leases } = tables;
  const age = `(extract(epoch FROM least(${CLOCK} - p.served_at, interval '1 day')) * 1000)::bigint`;
  return `SELECT p.partition_no, ${isFree(tables, 'p')}, p.token, coalesce(p.reserved_until > ${CLOCK}, false), CASE WHEN p.served_at > '-infinity' THEN ${age} ELSE 86400000 END, (SELECT count(*) FROM ${leases} AS l WHERE l.expires_at > ${CLOCK}) FROM ${partitions} AS p ORDER BY p.partition_no`;
}

/** What a statement of {@link partitionsSql} found, with nothing known of what is due. */
export function surveyOf(rows: readonly PgRow[]): Survey {
  return {
    partitions: rows.map(([number, free, token, reserved, restMs]) => ({
      number: Number(number),
      free: free === 't',
      token: token ?? null,
      reserved: reserved === 't',
      restMs: Number(restMs),
      dueMs: null,
    })),
    leases: Number(rows[0]?.[5] ?? 0),
  };
}

/**
 * Looks for partitions with due messages of a filter: one probe of an index per topic and partition, however many rows
 * there are, and nothing is written.
 */
export function surveyor(
  connections: Connections,
  tables: Tables,
  streams: Streams,
): (filter: TopicFilter) => Promise<Survey> {
  const { messages, delayed } = tables;
  const waited = (since: string): string => `(extract(epoch FROM ${CLOCK} - ${since}) * 1000)::bigint`;

  function dueSql(all: readonly Stream[]): readonly string[] {
    const source = streamSource(
      all,
      all.map((stream) => streams.floor(stream)),
      all.map(() => 1),
    );
    const fresh = `SELECT x.position, x.created_at FROM ${messages} AS x WHERE x.topic = s.topic AND x.partition_no = s.partition_no AND x.position > s.floor ORDER BY x.position LIMIT 1`;
    const late = `SELECT x.available_at FROM ${delayed} AS x WHERE x.topic = s.topic AND x.partition_no = s.partition_no AND x.available_at <= ${NOW} ORDER BY x.available_at LIMIT 1`;
    return [
      `SELECT s.partition_no, s.topic, ${waited('m.created_at')}, m.position FROM ${source} LEFT JOIN LATERAL (${fresh}) AS m ON true`,
      `SELECT s.partition_no, s.topic, ${waited('m.available_at')} FROM ${source} CROSS JOIN LATERAL (${late}) AS m WHERE EXISTS (SELECT 1 FROM ${delayed} AS d WHERE d.available_at <= ${NOW} LIMIT 1)`,
    ];
  }

  return async (filter) => {
    for (;;) {
      const all = streams
        .topics(filter)
        .flatMap((topic) => ALL_PARTITIONS.map((partition): Stream => ({ topic, partition })));
      const { proven } = streams;
      const found = await connections.look([
        ...streams.preamble(filter),
        partitionsSql(tables),
        ...dueSql(all),
      ]);
      if (!streams.learn(found.slice(0, -3))) continue;
      const [rows = [], fresh = [], late = []] = found.slice(-3);
      const waits = new Map<number, number>();
      const note = (partition: number, ms: number): void => {
        waits.set(partition, Math.max(waits.get(partition) ?? 0, ms));
      };
      for (const [partition, topic, ms, position] of fresh) {
        const stream: Stream = { topic: topic as string, partition: Number(partition) };
        const before = position === null ? Number.POSITIVE_INFINITY : Number(position) - 1;
        streams.raise(stream, before, proven);
        if (position !== null) note(stream.partition, Number(ms));
      }
      for (const [partition, , ms] of late) note(Number(partition), Number(ms));
      const survey = surveyOf(rows);
      return {
        ...survey,
        partitions: survey.partitions.map((view) => ({ ...view, dueMs: waits.get(view.number) ?? null })),
      };
    }
  };
}
