import type { BatchSettledEvent, ClaimedMessage } from '@outrelay/core';

/** A message as a store yields it, with a payload that must not be seen anywhere. */
export function claimedMessage(overrides: Partial<ClaimedMessage> = {}): ClaimedMessage {
  return {
    id: 'id-1',
    topic: 'order.placed',
    key: '17',
    headers: { authorization: 'CONFIDENTIAL' },
    payload: 'CONFIDENTIAL',
    contentType: 'application/json',
    createdAt: new Date('2026-03-01T12:00:00Z'),
    deduplicationId: 'id-1',
    attempt: 1,
    undecodable: null,
    ref: { row: 'CONFIDENTIAL' },
    ...overrides,
  };
}

/** A settled batch with this many messages of each outcome. */
export function batchSettled(
  counts: Partial<Record<'accepted' | 'duplicates' | 'retried' | 'dead', number>>,
): BatchSettledEvent {
  const { accepted = 0, duplicates = 0, retried = 0, dead = 0 } = counts;
  return {
    type: 'batch-settled',
    lane: 0,
    accepted: Array.from({ length: accepted }, () => claimedMessage()),
    duplicates,
    retried,
    dead,
    returned: 0,
    publishMs: 12.3456,
    settleMs: 3,
  };
}
