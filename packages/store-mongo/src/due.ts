import type { TopicFilter } from '@outrelay/core';
import type { MongoDocument } from './client.ts';
import type { Connection } from './connection.ts';

/** A condition on topics, as a part of a filter. */
export type TopicCondition = { readonly topic?: { readonly $in: readonly string[] } };

/** Turns a filter into a condition; patterns are asked about the topics that are there at this moment. */
export async function topicCondition(connection: Connection, filter: TopicFilter): Promise<TopicCondition> {
  if (filter.kind === 'all') return {};
  if (filter.kind === 'names') return { topic: { $in: filter.names } };
  const [fresh, delayed] = await Promise.all(
    (['messages', 'delayed'] as const).map((name) =>
      connection.database.collection(name).distinct('topic', {}),
    ),
  );
  const present = [...new Set([...(fresh ?? []), ...(delayed ?? [])])] as string[];
  const accepted = present.filter((topic) => filter.matches(topic));
  return accepted.length === present.length ? {} : { topic: { $in: accepted } };
}

/** Whether a condition lets no topic through. */
export function isNothing({ topic }: TopicCondition): boolean {
  return topic?.$in.length === 0;
}

/** Partitions out of the given ones in which something is due; looks at `limit` messages of each kind. */
export async function duePartitions(
  connection: Connection,
  partitions: readonly number[],
  topics: TopicCondition,
  now: Date,
  limit: number,
): Promise<readonly number[]> {
  if (partitions.length === 0 || isNothing(topics)) return [];
  const filter = { partition_no: { $in: partitions }, ...topics };
  const options = { projection: { _id: 0, partition_no: 1 }, limit, batchSize: limit };
  const due = { ...filter, available_at: { $lte: now } };
  const found = await Promise.all([
    connection.find('messages', filter, options),
    connection.find('chains', due, options),
    connection.find('delayed', { ...due, blocks: false }, options),
  ]);
  return [...new Set(found.flat().map((row: MongoDocument) => row['partition_no'] as number))];
}
