import type { BoundedCount, InspectionFacet, LeaseHolder, TopicStatus } from '@outrelay/core';
import { integer, readOptions } from '@outrelay/core';
import type { MongoDocument } from './client.ts';
import type { Connection } from './connection.ts';
import { serverTime } from './maintenance.ts';
import { PARTITIONS } from './partition.ts';
import { BY_POSITION } from './position.ts';
import { type Chains, trace, waits } from './trace.ts';

/** Looks into the outbox without changing it. What is counted is bounded, so that a large backlog costs little. */
export function inspectionFacet(connection: Connection): InspectionFacet {
  return {
    async status(request = {}) {
      const { countLimit } = readOptions('inspection.status', request, {
        countLimit: integer(10_000, 1, Number.MAX_SAFE_INTEGER),
      });
      return connection.run(async () => {
        const now = await serverTime(connection);
        const [topics, holders] = await Promise.all([presentTopics(connection), holdersOf(connection, now)]);
        const statuses: TopicStatus[] = [];
        for (const topic of topics) statuses.push(await topicStatus(connection, topic, countLimit, now));
        return { topics: statuses, holders };
      });
    },
    find: (id) => connection.run(async () => trace(connection, id, await serverTime(connection))),
  };
}

async function presentTopics(connection: Connection): Promise<readonly string[]> {
  const { database } = connection;
  const lists = await Promise.all([
    database.collection('messages').distinct('topic', {}),
    database.collection('delayed').distinct('topic', { dead: false }),
    database.collection('deadLetters').distinct('topic', { resolved_at: null }),
  ]);
  return [...new Set(lists.flat() as string[])].toSorted();
}

async function holdersOf(connection: Connection, now: number): Promise<readonly LeaseHolder[]> {
  const filter = { released: false, expires_at: { $gt: new Date(now) } };
  const rows = await connection.find('partitions', filter, { batchSize: PARTITIONS });
  const holders = new Map<string, { partitions: number; expiresInMs: number }>();
  for (const row of rows) {
    const relay = row['relay'] as string;
    const { partitions, expiresInMs } = holders.get(relay) ?? { partitions: 0, expiresInMs: Infinity };
    const leftMs = (row['expires_at'] as Date).getTime() - now;
    holders.set(relay, { partitions: partitions + 1, expiresInMs: Math.min(expiresInMs, leftMs) });
  }
  return [...holders].map(([relay, { partitions, expiresInMs }]) => ({
    relay,
    share: partitions / PARTITIONS,
    expiresInMs,
  }));
}

async function topicStatus(
  connection: Connection,
  topic: string,
  countLimit: number,
  now: number,
): Promise<TopicStatus> {
  // One document more than the limit tells whether a count is exact.
  const limit = countLimit + 1;
  const options = { limit, batchSize: Math.min(limit, 10_000) };
  const projection = {
    topic: 1,
    message_key: 1,
    position: 1,
    seq: 1,
    created_at: 1,
    available_at: 1,
    scheduled_at: 1,
    blocks: 1,
  };
  const [fresh, delayed, dead, chainRows] = await Promise.all([
    connection.find('messages', { topic }, { ...options, projection, sort: BY_POSITION }),
    connection.find('delayed', { topic, dead: false }, { ...options, projection }),
    connection.find('deadLetters', { topic, resolved_at: null }, { ...options, projection: { _id: 1 } }),
    connection.find('chains', { topic }, options),
  ]);
  const chains: Chains = new Map(chainRows.map((chain) => [chain['_id'] as string, chain]));
  const rows = [...fresh, ...delayed];
  const exact = fresh.length < limit && delayed.length < limit;
  const waiting = rows.filter((row) => waits(row, chains, now)).length;
  const since = rows.map(dueSince).filter((time) => time <= now);
  const oldest = since.reduce((least, time) => Math.min(least, time), Number.POSITIVE_INFINITY);
  return {
    topic,
    pending: bounded(rows.length - waiting, countLimit, exact),
    waiting: bounded(waiting, countLimit, exact),
    dead: bounded(dead.length, countLimit, dead.length < limit),
    lagMs: since.length === 0 ? null : now - oldest,
  };
}

/** When a message should have been published: at its append, or at the time it was scheduled for. */
function dueSince(row: MongoDocument): number {
  return ((row['scheduled_at'] as Date | null | undefined) ?? (row['created_at'] as Date)).getTime();
}

function bounded(count: number, limit: number, exact: boolean): BoundedCount {
  return { value: Math.min(count, limit), exact: exact && count <= limit };
}
