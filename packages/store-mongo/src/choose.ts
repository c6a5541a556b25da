import type { ReadRequest } from '@outrelay/core';
import { byOrder, type Candidate, hotChain, pick, withinBytes } from './candidate.ts';
import type { Connection } from './connection.ts';
import type { TopicCondition } from './due.ts';
import { freshOthers, type FreshView } from './fresh.ts';
import { chainStarts, dueWaiting } from './waiting.ts';

/** What a read will yield, and what it met that is in the way of the next one. */
export interface Choice {
  /** In order of position. */
  readonly picked: readonly Candidate[];
  /** Fresh messages behind a blocked key. */
  readonly blocked: readonly Candidate[];
}

/** What a choice depends on. */
export interface ChoiceRequest {
  readonly partitions: readonly number[];
  readonly topics: TopicCondition;
  readonly limits: ReadRequest;
  readonly fresh: FreshView;
  /** Whether there are delayed messages in these partitions. */
  readonly waiting: boolean;
  readonly now: Date;
  /** How often the lease has been read under. */
  readonly reads: number;
}

/** Chooses among fresh and delayed messages. */
export async function choose(connection: Connection, request: ChoiceRequest): Promise<Choice> {
  const { limits, fresh, waiting, reads } = request;
  const limit = limits.messages;
  const starts = waiting ? await chainStarts(connection, fresh.rows) : new Map<string, bigint>();
  const isBlocked = (candidate: Candidate): boolean => {
    const start = candidate.chain === null ? undefined : starts.get(candidate.chain);
    return start !== undefined && start < candidate.order;
  };
  const open = fresh.rows.filter((candidate) => !isBlocked(candidate));
  // Reads of one message take turns, so that neither kind starves the other.
  const half = limit === 1 ? reads % 2 : limit >> 1;
  const quota = Math.max(half, limit - open.length);
  const delayed = waiting && quota > 0 ? await dueWaiting(connection, { ...request, limit: quota }) : [];
  const picked = pick({ fresh: open, delayed, horizon: fresh.horizon }, quota, limits);
  return { picked: await shared(connection, request, picked), blocked: fresh.rows.filter(isBlocked) };
}

/** Gives up to half of a full read to other keys when one key would take more. */
async function shared(
  connection: Connection,
  request: ChoiceRequest,
  picked: readonly Candidate[],
): Promise<readonly Candidate[]> {
  const { limits, waiting } = request;
  if (picked.length < limits.messages || limits.messages === 1) return picked;
  const hot = hotChain(picked);
  const example = picked.find(({ chain }) => chain === hot);
  if (hot === null || example === undefined) return picked;
  const spare = picked.filter(({ chain }) => chain === hot).length - (limits.messages >> 1);
  const taken = new Set(picked.map(({ order }) => order));
  const found = (await freshOthers(connection, request, example, limits.messages)).filter(
    ({ order }) => !taken.has(order),
  );
  const starts = waiting ? await chainStarts(connection, found) : new Map<string, bigint>();
  const others = found
    .filter(({ chain, order }) => chain === null || (starts.get(chain) ?? order) >= order)
    .slice(0, spare);
  // The last ones of the hot key give way, so that what is left of it is still the beginning of its order.
  let surplus = others.length;
  const kept = picked.toReversed().filter(({ chain }) => !(surplus > 0 && chain === hot && surplus-- > 0));
  return withinBytes([...kept.toReversed(), ...others].toSorted(byOrder), limits.bytes);
}
