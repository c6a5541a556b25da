import type { ReadRequest } from '@outrelay/core';
import type { MongoDocument } from './client.ts';
import { type Candidate, candidateOf } from './candidate.ts';
import type { Connection } from './connection.ts';
import type { TopicCondition } from './due.ts';
import { BY_POSITION } from './position.ts';

/** Fresh messages that were looked at, in order of position. */
export interface FreshView {
  readonly rows: readonly Candidate[];
  /** The last position that was looked at; `null` when there are no more. */
  readonly horizon: bigint | null;
}

/** Which fresh messages to look at. */
export interface FreshRequest {
  readonly partitions: readonly number[];
  readonly topics: TopicCondition;
  readonly limits: Pick<ReadRequest, 'bytes'>;
  /** Messages at most. */
  readonly window: number;
}

/** The oldest fresh messages of partitions, with their content, and not many bytes more than may be yielded. */
export async function freshView(
  connection: Connection,
  { partitions, topics, limits, window }: FreshRequest,
): Promise<FreshView> {
  const cursor = connection.database
    .collection('messages')
    .find(
      { partition_no: { $in: partitions }, ...topics },
      { sort: BY_POSITION, limit: window, batchSize: window },
    );
  const rows: Candidate[] = [];
  let bytes = 0;
  let stopped = false;
  for await (const row of cursor) {
    const candidate = candidateOf(row as MongoDocument, false);
    rows.push(candidate);
    bytes += candidate.bytes;
    stopped = bytes > limits.bytes;
    if (stopped) break;
  }
  const isWhole = !stopped && rows.length < window;
  return { rows, horizon: isWhole ? null : (rows.at(-1)?.order ?? null) };
}

/** The first messages of other keys than the hot one after a position. */
export async function freshOthers(
  connection: Connection,
  { partitions, topics }: Pick<FreshRequest, 'partitions' | 'topics'>,
  hot: Candidate,
  limit: number,
): Promise<Candidate[]> {
  const { topic, message_key: key } = hot.row;
  const filter = {
    partition_no: { $in: partitions },
    ...topics,
    $nor: [{ topic, message_key: key }],
  };
  const rows = await connection.find('messages', filter, { sort: BY_POSITION, limit, batchSize: limit });
  return rows.map((row) => candidateOf(row, false));
}
