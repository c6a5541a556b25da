import type { MongoDocument } from './client.ts';
import { byOrder, type Candidate, candidateOf } from './candidate.ts';
import type { Connection } from './connection.ts';
import type { TopicCondition } from './due.ts';
import { BY_POSITION, orderOf } from './position.ts';

/** Scheduled messages that join the order of their keys at once. */
const JOIN_LIMIT = 1_000;

/** Which delayed messages to look at. */
export interface WaitingRequest {
  readonly partitions: readonly number[];
  readonly topics: TopicCondition;
  readonly now: Date;
  readonly limit: number;
}

/** Delayed messages that may go: heads of as many keys as possible, and then what follows them. */
export async function dueWaiting(
  connection: Connection,
  { partitions, topics, now, limit }: WaitingRequest,
): Promise<Candidate[]> {
  const due = { partition_no: { $in: partitions }, ...topics, available_at: { $lte: now } };
  const oldest = { sort: { available_at: 1 }, limit, batchSize: limit };
  const [chains, singles] = await Promise.all([
    connection.find('chains', due, oldest),
    connection.find('delayed', { ...due, blocks: false, message_key: null }, oldest),
  ]);
  const rows = [...singles];
  if (chains.length > 0) {
    const heads = { _id: { $in: chains.map((chain) => chain['head']) } };
    rows.push(...(await connection.find('delayed', heads, { batchSize: limit })));
  }
  const room = limit - rows.length;
  if (room > 0 && chains.length > 0) rows.push(...(await followers(connection, chains, now, room)));
  return rows.map((row) => candidateOf(row, true)).toSorted(byOrder);
}

/** What stands behind due heads and is not held by something in between. */
async function followers(
  connection: Connection,
  chains: readonly MongoDocument[],
  now: Date,
  limit: number,
): Promise<MongoDocument[]> {
  const heads = new Set(chains.map((chain) => String(chain['head'])));
  const names = chains.map((chain) => chain['_id']);
  // Sorted by position over all chains, so that of each chain it is a beginning.
  const rows = await connection.find(
    'delayed',
    { chain: { $in: names }, blocks: true },
    { sort: BY_POSITION, limit: limit + heads.size, batchSize: limit + heads.size },
  );
  const held = new Set<unknown>();
  return rows.filter((row) => {
    const availableAt = row['available_at'] as Date | null;
    if (row['dead'] === true || (availableAt !== null && availableAt > now)) held.add(row['chain']);
    return !held.has(row['chain']) && !heads.has(String(row['_id']));
  });
}

/** Scheduled messages with a key whose time has come, and that hold nobody back yet. */
export function dueToJoin(
  connection: Connection,
  { partitions, now }: Pick<WaitingRequest, 'partitions' | 'now'>,
): Promise<MongoDocument[]> {
  const filter = {
    partition_no: { $in: partitions },
    available_at: { $lte: now },
    blocks: false,
    message_key: { $ne: null },
  };
  const projection = { topic: 1, message_key: 1, partition_no: 1 };
  return connection.find('delayed', filter, { projection, limit: JOIN_LIMIT, batchSize: JOIN_LIMIT });
}

/** Where the chains of these candidates begin; what stands behind that is blocked. */
export async function chainStarts(
  connection: Connection,
  candidates: readonly Candidate[],
): Promise<ReadonlyMap<string, bigint>> {
  const names = [...new Set(candidates.flatMap(({ chain }) => chain ?? []))];
  if (names.length === 0) return new Map();
  const projection = { position: 1, seq: 1 };
  const chains = await connection.find(
    'chains',
    { _id: { $in: names } },
    { projection, batchSize: names.length },
  );
  return new Map(chains.map((chain) => [chain['_id'] as string, orderOf(chain)]));
}
