import type { BoundedCount, InspectionFacet, LeaseHolder, TopicStatus } from '@outrelay/core';
import { integer, readOptions } from '@outrelay/core';
import { type Connections, rowsOf, type Session } from './connections.ts';
import { delayedTopics, freshTopics, presentTopics } from './due.ts';
import { text, whole } from './literal.ts';
import { NOW, PARTITIONS, type Tables } from './tables.ts';
import { timeOf } from './row.ts';
import { tracer } from './trace.ts';

/** Looks into the outbox without changing it. What is counted is bounded, so that a large backlog costs little. */
export function inspectionFacet(connections: Connections, tables: Tables): InspectionFacet {
  const statusOf = topicStatuses(tables);
  const find = tracer(tables);
  const holders = `SELECT relay, COUNT(*), TIMESTAMPDIFF(MICROSECOND, ${NOW}, MIN(expires_at)) FROM ${tables.partitions} WHERE token IS NOT NULL AND released = 0 AND expires_at > ${NOW} GROUP BY token, relay ORDER BY relay, token`;
  return {
    async status(request = {}) {
      const { countLimit } = readOptions('inspection.status', request, {
        countLimit: integer(10_000, 1, Number.MAX_SAFE_INTEGER),
      });
      return connections.read(async (session) => ({
        topics: await statusOf(session, countLimit),
        holders: (await session.rows(holders)).map(
          ([relay, count, left]): LeaseHolder => ({
            relay: String(relay),
            share: (count as number) / PARTITIONS,
            expiresInMs: Math.round(Number(left) / 1_000),
          }),
        ),
      }));
    },
    find: (id) => connections.read((session) => find(session, id)),
  };
}

function topicStatuses(tables: Tables): (session: Session, limit: number) => Promise<TopicStatus[]> {
  const { messages, delayed, deadLetters } = tables;
  const present = [
    freshTopics(tables),
    delayedTopics(tables),
    presentTopics(deadLetters, 'outbox_dead_letters_topic', ''),
    `SELECT ${NOW}`,
  ];
  /** Whether the first row of a chain is not to be published now, so that everything behind it waits. */
  const held = (row: string, before: string): string =>
    `COALESCE((SELECT h.dead = 1 OR h.available_at > ${NOW} FROM ${delayed} AS h FORCE INDEX (outbox_delayed_chain) WHERE h.blocks = 1 AND h.topic = ${row}.topic AND h.message_key = ${row}.message_key ${before} ORDER BY h.position LIMIT 1), 0)`;
  /** Rows, how many of them wait, and since when the oldest should have been published. */
  const count = (rows: string, limit: number): string =>
    `SELECT COUNT(*), COALESCE(SUM(waits), 0), MIN(IF(since <= ${NOW}, since, NULL)) FROM (${rows} LIMIT ${whole(limit)}) AS counted`;
  const parts = (topic: string, limit: number): readonly string[] => [
    count(
      `SELECT ${held('m', 'AND h.position < m.position')} AS waits, created_at AS since FROM ${messages} AS m FORCE INDEX (outbox_messages_read) WHERE topic = ${text(topic)} AND partition_no IS NOT NULL`,
      limit,
    ),
    count(
      `SELECT d.available_at > ${NOW} AS waits, COALESCE(scheduled_at, created_at) AS since FROM ${delayed} AS d FORCE INDEX (outbox_delayed_due) WHERE topic = ${text(topic)} AND blocks = 0 AND available_at IS NOT NULL ORDER BY available_at`,
      limit,
    ),
    count(
      `SELECT COALESCE(d.available_at > ${NOW}, 0) OR ${held('d', '')} AS waits, COALESCE(scheduled_at, created_at) AS since FROM ${delayed} AS d FORCE INDEX (outbox_delayed_chain) WHERE topic = ${text(topic)} AND blocks = 1 AND dead = 0`,
      limit,
    ),
    // The counted rows are some of them; the first of each partition tell the oldest of all.
    `SELECT 0, 0, MIN(m.created_at) FROM (SELECT MIN(position) AS position FROM ${messages} FORCE INDEX (outbox_messages_read) WHERE topic = ${text(topic)} AND partition_no IS NOT NULL GROUP BY partition_no) AS f STRAIGHT_JOIN ${messages} AS m FORCE INDEX (PRIMARY) ON m.position = f.position`,
    `SELECT COUNT(*) FROM (SELECT 1 FROM ${deadLetters} FORCE INDEX (outbox_dead_letters_topic) WHERE resolved_at IS NULL AND topic = ${text(topic)} LIMIT ${whole(limit)}) AS counted`,
  ];

  return async (session, limit) => {
    const [fresh, waiting, dead, clock] = await session.script(present);
    const topics = new Set(
      [fresh, waiting, dead].flatMap((answer) => rowsOf(answer).map(([topic]) => topic as string)),
    );
    const now = timeOf(rowsOf(clock)[0]?.[0]).getTime();
    const statuses: TopicStatus[] = [];
    for (const topic of [...topics].toSorted()) {
      // One row more than the limit tells whether a count is exact.
      const answers = await session.script(parts(topic, limit + 1));
      const counts = answers.slice(0, 4).map((answer) => rowsOf(answer)[0] as readonly unknown[]);
      const letters = Number(rowsOf(answers[4])[0]?.[0]);
      const status = statusFrom(topic, counts, letters, limit, now);
      if (status !== null) statuses.push(status);
    }
    return statuses;
  };
}

/** Answers `null` for a topic of which only reservations or markers are left. */
function statusFrom(
  topic: string,
  counts: readonly (readonly unknown[])[],
  letters: number,
  limit: number,
  now: number,
): TopicStatus | null {
  const exact = counts.every(([rows]) => Number(rows) <= limit);
  const waiting = counts.reduce((sum, [, waits]) => sum + Number(waits), 0);
  const pending = counts.reduce((sum, [rows, waits]) => sum + Number(rows) - Number(waits), 0);
  if (waiting + pending + letters === 0) return null;
  const oldest = counts.flatMap(([, , since]) => (since === null ? [] : [timeOf(since).getTime()]));
  return {
    topic,
    pending: bounded(pending, limit, exact),
    waiting: bounded(waiting, limit, exact),
    dead: bounded(letters, limit, letters <= limit),
    lagMs: oldest.length === 0 ? null : Math.max(0, now - Math.min(...oldest)),
  };
}

function bounded(count: number, limit: number, exact: boolean): BoundedCount {
  return { value: Math.min(count, limit), exact: exact && count <= limit };
}
