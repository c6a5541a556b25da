import type { BoundedCount, InspectionFacet, LeaseHolder, TopicStatus } from '@outrelay/core';
import { integer, readOptions } from '@outrelay/core';
import type { Connection, Session } from './connection.ts';
import { presentTopics } from './due.ts';
import { NOW_MS, type Tables } from './tables.ts';
import { tracer } from './trace.ts';

/** Looks into the outbox without changing it. What is counted is bounded, so that a large backlog costs little. */
export function inspectionFacet(connection: Connection, tables: Tables): InspectionFacet {
  const statusOf = topicStatuses(tables);
  const find = tracer(tables);
  const holder = `SELECT relay, expires_at - ${NOW_MS} AS left FROM ${tables.partitions} WHERE token IS NOT NULL AND released = 0 AND expires_at > ${NOW_MS}`;
  return {
    async status(request = {}) {
      const { countLimit } = readOptions('inspection.status', request, {
        countLimit: integer(10_000, 1, Number.MAX_SAFE_INTEGER),
      });
      return connection.read((session) => ({
        topics: statusOf(session, countLimit),
        holders: session
          .rows(holder)
          .map(
            ([relay, left]): LeaseHolder => ({ relay: String(relay), share: 1, expiresInMs: left as number }),
          ),
      }));
    },
    find: (id) => connection.read((session) => find(session, id)),
  };
}

function topicStatuses({
  messages,
  delayed,
  deadLetters,
}: Tables): (session: Session, limit: number) => TopicStatus[] {
  const present = [
    presentTopics(messages, 'TRUE'),
    // By two indexes, because rows that wait behind others are in one of them and scheduled ones in the other.
    presentTopics(delayed, 'blocks = 1'),
    presentTopics(delayed, 'available_at IS NOT NULL'),
    presentTopics(deadLetters, 'resolved_at IS NULL'),
  ];
  /** Whether the first row of a chain is not to be published now, so that everything behind it waits. */
  const held = (row: string, before: string): string =>
    `coalesce((SELECT h.dead = 1 OR h.available_at > ${NOW_MS} FROM ${delayed} AS h WHERE h.blocks = 1 AND h.topic = ${row}.topic AND h.message_key = ${row}.message_key ${before} ORDER BY h.position LIMIT 1), 0)`;
  /** Rows, how many of them wait, and since when the oldest should have been published. */
  const count = (rows: string): string =>
    `SELECT count(*) AS rows, coalesce(sum(waits), 0) AS waiting, min(CASE WHEN since <= ${NOW_MS} THEN since END) AS oldest FROM (${rows} LIMIT ?)`;
  const parts = [
    count(
      `SELECT ${held('m', 'AND h.position < m.position')} AS waits, created_at AS since FROM ${messages} AS m WHERE topic = ? ORDER BY position`,
    ),
    count(
      `SELECT d.available_at > ${NOW_MS} AS waits, coalesce(scheduled_at, created_at) AS since FROM ${delayed} AS d WHERE topic = ? AND blocks = 0 AND available_at IS NOT NULL ORDER BY available_at`,
    ),
    count(
      `SELECT coalesce(d.available_at > ${NOW_MS}, 0) OR ${held('d', '')} AS waits, coalesce(scheduled_at, created_at) AS since FROM ${delayed} AS d WHERE topic = ? AND blocks = 1 AND dead = 0`,
    ),
  ];
  const dead = `SELECT count(*) AS rows FROM (SELECT 1 FROM ${deadLetters} WHERE resolved_at IS NULL AND topic = ? LIMIT ?)`;

  return (session, limit) => {
    const topics = new Set(present.flatMap((sql) => session.rows(sql).map(([topic]) => topic as string)));
    const [now] = session.row(`SELECT ${NOW_MS} AS now`) as [number];
    return [...topics].toSorted().map((topic): TopicStatus => {
      // One row more than the limit tells whether a count is exact.
      const counts = parts.map(
        (sql) => session.row(sql, topic, limit + 1) as [rows: number, waiting: number, oldest: number | null],
      );
      const exact = counts.every(([rows]) => rows <= limit);
      const waiting = counts.reduce((sum, [, waits]) => sum + waits, 0);
      const pending = counts.reduce((sum, [rows, waits]) => sum + rows - waits, 0);
      const oldest = counts.flatMap(([, , since]) => (since === null ? [] : [since]));
      const [letters] = session.row(dead, topic, limit + 1) as [number];
      return {
        topic,
        pending: bounded(pending, limit, exact),
        waiting: bounded(waiting, limit, exact),
        dead: bounded(letters, limit, letters <= limit),
        lagMs: oldest.length === 0 ? null : Math.max(0, now - Math.min(...oldest)),
      };
    });
  };
}

function bounded(count: number, limit: number, exact: boolean): BoundedCount {
  return { value: Math.min(count, limit), exact: exact && count <= limit };
}
