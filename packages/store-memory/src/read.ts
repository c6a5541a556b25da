import { type ClaimedMessage, deduplicationId, payloadBytes, type ReadRequest } from '@outrelay/core';
import type { MemoryLease } from './claim.ts';
import type { Entry, MemoryState } from './state.ts';

/** What a message carries so that its outcome finds back to its entry. */
export interface MemoryRef {
  readonly entry: Entry;
  /** The token under which it was yielded. */
  readonly token: string;
}

/** Yields due messages of the lease, the oldest first. */
export function read(state: MemoryState, lease: MemoryLease, request: ReadRequest): ClaimedMessage[] {
  const due: Entry[] = [];
  for (const orderKey of lease.state.orderKeys) {
    if (state.holders.get(orderKey)?.token !== lease.token) continue;
    due.push(...state.due(orderKey).filter((entry) => request.topics.matches(entry.content.topic)));
  }
  due.sort((a, b) => a.position - b.position);
  const [oldest] = due;
  if (oldest !== undefined && due.some((entry) => entry.phase === 'suspect')) {
    // One by one while any is under suspicion, in their order: an earlier one of a key may have failed since.
    if (oldest.phase !== 'suspect') return [yieldTo(lease.token, oldest, oldest.attempts + 1)];
    // Charged before it is handed out: whatever dies now, it was this message.
    oldest.attempts++;
    return [yieldTo(lease.token, oldest, oldest.attempts)];
  }
  const messages: ClaimedMessage[] = [];
  let bytes = 0;
  for (const entry of fairShare(due, request.messages)) {
    bytes += payloadBytes(entry.content.payload);
    if (messages.length === request.messages || (messages.length > 0 && bytes > request.bytes)) break;
    messages.push(yieldTo(lease.token, entry, entry.attempts + 1));
  }
  return messages;
}

/** The oldest, except that one key gets no more than half of a read while others are due. */
function fairShare(due: readonly Entry[], limit: number): readonly Entry[] {
  if (due.length <= limit) return due;
  const counts = new Map<string, number>();
  const within: Entry[] = [];
  const beyond: Entry[] = [];
  for (const entry of due) {
    const count = (counts.get(entry.orderKey) ?? 0) + 1;
    counts.set(entry.orderKey, count);
    (count <= Math.ceil(limit / 2) ? within : beyond).push(entry);
  }
  const left = Math.max(0, limit - within.length);
  return [...within.slice(0, limit), ...beyond.slice(0, left)].toSorted((a, b) => a.position - b.position);
}

function yieldTo(token: string, entry: Entry, attempt: number): ClaimedMessage {
  entry.yieldedTo = token;
  return {
    ...entry.content,
    createdAt: new Date(entry.createdAtMs),
    deduplicationId: deduplicationId(entry.content.id, entry.redrives),
    attempt,
    undecodable: null,
    ref: { entry, token } satisfies MemoryRef,
  };
}
