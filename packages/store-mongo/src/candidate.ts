import type { ReadRequest } from '@outrelay/core';
import type { MongoDocument } from './client.ts';
import { chainOf } from './partition.ts';
import { orderOf } from './position.ts';
import { sizeOf } from './row.ts';

/** A message that a read could yield. */
export interface Candidate {
  readonly row: MongoDocument;
  /** Its place in the order. */
  readonly order: bigint;
  /** The name of its key; `null` when it has none. */
  readonly chain: string | null;
  /** Size of the payload. */
  readonly bytes: number;
  readonly delayed: boolean;
}

/** What a read found, before it decides. Both lists in order of position. */
export interface Candidates {
  readonly fresh: readonly Candidate[];
  readonly delayed: readonly Candidate[];
  /** The last position up to which the fresh messages were looked at; `null` when there are no more. */
  readonly horizon: bigint | null;
}

/** Makes a candidate of a stored message. */
export function candidateOf(row: MongoDocument, delayed: boolean): Candidate {
  const key = row['message_key'] as string | null;
  return {
    row,
    order: orderOf(row),
    chain: key === null ? null : chainOf(row['topic'] as string, key),
    bytes: sizeOf(row),
    delayed,
  };
}

/** Sorts candidates, oldest first. */
export function byOrder(a: Candidate, b: Candidate): number {
  return a.order < b.order ? -1 : a.order > b.order ? 1 : 0;
}

/**
 * Chooses what to yield, in order of position.
 *
 * - A delayed message goes only when every fresh one before it goes too or was looked at and may not: a scheduled
 *   message whose time has come must not overtake an older one of its key. (A fresh one never overtakes a delayed one,
 *   because it counts as blocked by it.)
 * - At most `quota` delayed messages, so that a storm of retries does not starve fresh ones.
 * - At least one message when there is any, whatever its size.
 */
export function pick(
  { fresh, delayed, horizon }: Candidates,
  quota: number,
  limits: ReadRequest,
): Candidate[] {
  const picked: Candidate[] = [];
  let bytes = 0;
  let room = quota;
  let freshAt = 0;
  let delayedAt = 0;
  while (picked.length < limits.messages) {
    const nextFresh = fresh[freshAt];
    const nextDelayed = room > 0 ? delayed[delayedAt] : undefined;
    const end = nextFresh?.order ?? horizon;
    const takesDelayed = nextDelayed !== undefined && (end === null || nextDelayed.order < end);
    const next = takesDelayed ? nextDelayed : nextFresh;
    if (next === undefined) break;
    bytes += next.bytes;
    if (picked.length > 0 && bytes > limits.bytes) break;
    picked.push(next);
    if (takesDelayed) {
      delayedAt++;
      room--;
    } else {
      freshAt++;
    }
  }
  return picked;
}

/** Finds the key that more than half of the candidates have, by the vote of Boyer and Moore; `null` when none has. */
export function hotChain(candidates: readonly Candidate[]): string | null {
  let hot: string | null = null;
  let votes = 0;
  for (const { chain } of candidates) {
    if (chain === null) continue;
    if (votes === 0) hot = chain;
    votes += chain === hot ? 1 : -1;
  }
  if (hot === null) return null;
  const count = candidates.filter(({ chain }) => chain === hot).length;
  return count * 2 > candidates.length ? hot : null;
}

/** The first candidates that fit; one always does. */
export function withinBytes(candidates: readonly Candidate[], limit: number): readonly Candidate[] {
  let bytes = 0;
  const end = candidates.findIndex((candidate, index) => {
    bytes += candidate.bytes;
    return index > 0 && bytes > limit;
  });
  return end === -1 ? candidates : candidates.slice(0, end);
}
