import type { BoundedCount, InspectionFacet, LeaseHolder, TopicStatus } from '@outrelay/core';
import { integer, readOptions } from '@outrelay/core';
import type { PgRow } from './client.ts';
import type { Ask, Connections } from './connections.ts';
import { text, whole } from './literal.ts';
import { CLOCK, epochMs, NOW, PARTITIONS, type Tables } from './tables.ts';
import { traceOf, traceSql } from './trace.ts';

/** Looks into the outbox without changing it. What is counted is bounded, so that a large backlog costs little. */
export function inspectionFacet(connections: Connections, tables: Tables): InspectionFacet {
  const { partitions, leases } = tables;
  const left = `ceil(extract(epoch FROM min(l.expires_at) - ${CLOCK}) * 1000)`;
  const holders = `SELECT l.relay, count(p.partition_no), ${left} FROM ${leases} AS l JOIN ${partitions} AS p ON p.token = l.token AND NOT p.released WHERE l.expires_at > ${CLOCK} GROUP BY l.relay ORDER BY l.relay`;
  return {
    async status(request = {}) {
      const { countLimit } = readOptions('inspection.status', request, {
        countLimit: integer(10_000, 1, Number.MAX_SAFE_INTEGER),
      });
      return connections.lookOn(async (ask) => {
        const topics = await topicStatuses(ask, tables, countLimit);
        const [rows = []] = await ask([holders]);
        return { topics, holders: rows.map(holderOf) };
      });
    },
    async find(id) {
      const found = await connections.look(traceSql(tables, id));
      return found.flatMap((rows) => rows.map(traceOf));
    },
  };
}

function holderOf([relay, held, expiresInMs]: PgRow): LeaseHolder {
  return { relay: String(relay), share: Number(held) / PARTITIONS, expiresInMs: Number(expiresInMs) };
}

/** Lists the topics in a table by one probe of the index each, however many rows they have. */
function presentTopics(table: string, condition: string): string {
  const next = (after: string): string =>
    `(SELECT topic FROM ${table} WHERE ${condition}${after} ORDER BY topic LIMIT 1)`;
  return `(WITH RECURSIVE present (topic) AS (${next('')} UNION ALL SELECT ${next(' AND topic > present.topic')} FROM present WHERE present.topic IS NOT NULL) SELECT topic FROM present WHERE topic IS NOT NULL)`;
}

async function topicStatuses(
  ask: Ask,
  { messages, delayed, deadLetters }: Tables,
  limit: number,
): Promise<readonly TopicStatus[]> {
  const [present = []] = await ask([
    [
      presentTopics(messages, 'true'),
      // By two indexes, because rows that wait behind others are in one of them and scheduled ones in the other.
      presentTopics(delayed, 'blocks'),
      presentTopics(delayed, 'available_at IS NOT NULL'),
      presentTopics(deadLetters, 'resolved_at IS NULL'),
    ].join(' UNION '),
  ]);
  const topics = present.map(([topic]) => topic as string).toSorted();
  if (topics.length === 0) return [];
  // One row more than the limit tells whether a count is exact.
  const bound = whole(Math.min(limit, Number.MAX_SAFE_INTEGER - 1) + 1);
  const counts = await ask(
    topics.flatMap((topic) => countSql({ messages, delayed, deadLetters }, text(topic), bound)),
  );
  return topics.map((topic, at) =>
    statusOf(
      topic,
      counts.slice(at * 4, at * 4 + 4).map(([row]) => row ?? []),
      limit,
    ),
  );
}

function countSql(
  { messages, delayed, deadLetters }: Pick<Tables, 'messages' | 'delayed' | 'deadLetters'>,
  topic: string,
  bound: string,
): readonly string[] {
  /** Whether the first row of a chain is not to be published now, so that everything behind it waits. */
  const held = (row: string, before: string): string =>
    `coalesce((SELECT h.dead OR h.available_at > ${NOW} FROM ${delayed} AS h WHERE h.blocks AND h.topic = ${row}.topic AND h.message_key = ${row}.message_key${before} ORDER BY h.position LIMIT 1), false)`;
  /** Rows, how many of them wait, and for how long the oldest should have been published. */
  const count = (rows: string): string =>
    `SELECT count(*), count(*) FILTER (WHERE waits), ${epochMs(CLOCK)} - (${epochMs(`min(since) FILTER (WHERE since <= ${NOW})`)}) FROM (${rows} LIMIT ${bound}) AS r`;
  return [
    count(
      `SELECT ${held('m', ' AND h.position < m.position')} AS waits, m.created_at AS since FROM ${messages} AS m WHERE m.topic = ${topic}`,
    ),
    count(
      `SELECT d.available_at > ${NOW} AS waits, coalesce(d.scheduled_at, d.created_at) AS since FROM ${delayed} AS d WHERE d.topic = ${topic} AND NOT d.blocks AND d.available_at IS NOT NULL`,
    ),
    count(
      `SELECT coalesce(d.available_at > ${NOW}, false) OR ${held('d', '')} AS waits, coalesce(d.scheduled_at, d.created_at) AS since FROM ${delayed} AS d WHERE d.topic = ${topic} AND d.blocks AND NOT d.dead`,
    ),
    `SELECT count(*) FROM (SELECT 1 FROM ${deadLetters} WHERE resolved_at IS NULL AND topic = ${topic} LIMIT ${bound}) AS r`,
  ];
}

function statusOf(topic: string, rows: readonly PgRow[], limit: number): TopicStatus {
  const [letters = []] = rows.slice(3);
  const parts = rows.slice(0, 3).map(([count, waiting, lag]) => {
    return {
      count: Number(count),
      waiting: Number(waiting),
      lagMs: lag === null || lag === undefined ? null : Number(lag),
    };
  });
  const exact = parts.every(({ count }) => count <= limit);
  const waiting = parts.reduce((sum, part) => sum + part.waiting, 0);
  const pending = parts.reduce((sum, part) => sum + part.count - part.waiting, 0);
  const lags = parts.flatMap(({ lagMs }) => (lagMs === null ? [] : [lagMs]));
  const dead = Number(letters[0]);
  return {
    topic,
    pending: bounded(pending, limit, exact),
    waiting: bounded(waiting, limit, exact),
    dead: bounded(dead, limit, dead <= limit),
    lagMs: lags.length === 0 ? null : Math.max(0, Math.round(Math.max(...lags))),
  };
}

function bounded(count: number, limit: number, exact: boolean): BoundedCount {
  return { value: Math.min(count, limit), exact: exact && count <= limit };
}
