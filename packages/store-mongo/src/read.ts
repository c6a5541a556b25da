import { setImmediate as othersRun } from 'node:timers/promises';
import type { ClaimedMessage, ReadRequest } from '@outrelay/core';
import type { Candidate } from './candidate.ts';
import { choose } from './choose.ts';
import type { Connection } from './connection.ts';
import { isNothing, type TopicCondition, topicCondition } from './due.ts';
import { freshView } from './fresh.ts';
import { heldPartitions, type HeldPartition, type MongoLease } from './lease.ts';
import { delayedMessage, freshMessage } from './row.ts';
import { takeSuspect } from './suspect.ts';
import { clearSuspicion, expect, join, moveBehind } from './upkeep.ts';
import { dueToJoin } from './waiting.ts';

/** Messages that a look goes through at least when some may be blocked, so that few looks pass many of them. */
const BLOCKED_WINDOW = 1_000;

/** What one look came to: messages, or `null` for another look. */
type Outcome = readonly ClaimedMessage[] | null;

/**
 * Yields due messages of the lease in order of position.
 *
 * Normally it writes nothing, and its commands run side by side: that the lease is still held when they end proves that
 * it was held when they began. What it meets in the way of the next read (messages behind a blocked key, scheduled ones
 * whose time has come) it puts where it belongs, once and in bounded parts, and looks again until it has found
 * something or nothing is due.
 */
export function reader(
  connection: Connection,
): (lease: MongoLease, request: ReadRequest) => Promise<readonly ClaimedMessage[]> {
  return (lease, request) =>
    connection.run(async () => {
      lease.state.reads++;
      const topics = await topicCondition(connection, request.topics);
      if (isNothing(topics)) return [];
      for (;;) {
        const outcome = await look(connection, lease, request, topics);
        if (outcome !== null) return outcome;
        await othersRun();
      }
    });
}

async function look(
  connection: Connection,
  lease: MongoLease,
  limits: ReadRequest,
  topics: TopicCondition,
): Promise<Outcome> {
  const { token, state } = lease;
  const { partitions } = state;
  const [held, fresh, [delayed]] = await Promise.all([
    heldPartitions(connection, token),
    freshView(connection, { partitions, topics, limits, window: limits.messages }),
    connection.find('delayed', { partition_no: { $in: partitions } }, { projection: { _id: 1 }, limit: 1 }),
  ]);
  const numbers = new Set(held.map(({ no }) => no).filter((no) => partitions.includes(no)));
  if (numbers.size === 0) return [];
  const isMine = ({ row }: Candidate): boolean => numbers.has(row['partition_no'] as number);
  const waiting = delayed !== undefined;
  const now = connection.clock.now();
  if (waiting) {
    const joining = await dueToJoin(connection, { partitions: [...numbers], now });
    if (joining.length > 0) return (await join(connection, token, joining)) ? null : [];
  }
  const suspected = held.filter(({ suspectLeft }) => suspectLeft > 0);
  if (suspected.length > 0) {
    const outcome = await lookForSuspect(connection, lease, { ...limits, messages: 1 }, topics, suspected);
    if (outcome !== undefined) return outcome;
  }
  const quiet = [...numbers].filter((no) => !suspected.some((partition) => partition.no === no));
  const isQuiet = ({ row }: Candidate): boolean => quiet.includes(row['partition_no'] as number);
  const wide = waiting
    ? await freshView(connection, {
        partitions: quiet,
        topics,
        limits,
        window: Math.max(limits.messages, BLOCKED_WINDOW),
      })
    : { ...fresh, rows: fresh.rows.filter((row) => isMine(row) && isQuiet(row)) };
  const request = { partitions: quiet, topics, limits, fresh: wide, waiting, now, reads: state.reads };
  const { picked, blocked } = await choose(connection, request);
  if (blocked.length > 0 && !(await moveBehind(connection, token, blocked))) return [];
  if (picked.length === 0) return blocked.length > 0 ? null : [];
  await expect(connection, token, expected(held, picked));
  return picked.map(({ row, delayed: isDelayed }) =>
    isDelayed ? delayedMessage(row, token, false) : freshMessage(row, token),
  );
}

/** Looks for one message of a partition under suspicion; `undefined` when none of them has one that is due. */
async function lookForSuspect(
  connection: Connection,
  { token, state }: MongoLease,
  limits: ReadRequest,
  topics: TopicCondition,
  suspected: readonly HeldPartition[],
): Promise<Outcome | undefined> {
  for (const { no } of suspected) {
    const partitions = [no];
    const fresh = await freshView(connection, { partitions, topics, limits, window: BLOCKED_WINDOW });
    const now = connection.clock.now();
    const request = { partitions, topics, limits, fresh, waiting: true, now, reads: state.reads };
    const { picked, blocked } = await choose(connection, request);
    if (blocked.length > 0) return (await moveBehind(connection, token, blocked)) ? null : [];
    const [suspect] = picked;
    if (suspect === undefined) {
      if (limits.topics.kind === 'all') await clearSuspicion(connection, token, no);
      continue;
    }
    const message = await takeSuspect(connection, token, suspect);
    return message === null ? null : [message];
  }
  return undefined;
}

/** How many messages each partition yields of which a relay has vanished before. */
function expected(held: readonly HeldPartition[], picked: readonly Candidate[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const { no, losses } of held) {
    if (losses === 0) continue;
    const count = picked.filter(({ row }) => row['partition_no'] === no).length;
    if (count > 0) counts.set(no, count);
  }
  return counts;
}
