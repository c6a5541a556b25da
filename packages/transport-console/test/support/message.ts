import type { Message, PublishResult } from '@outrelay/core';
import { uuidv7 } from '@outrelay/core';

/** A message with a fresh id; every field can be chosen. */
export function message(fields: Partial<Message> = {}): Message {
  const id = fields.id ?? uuidv7();
  return {
    id,
    topic: 'order.placed',
    key: null,
    headers: {},
    payload: '{"total":12}',
    contentType: 'application/json',
    createdAt: new Date('2026-01-02T03:04:05.678Z'),
    deduplicationId: id,
    ...fields,
  };
}

/** A signal that nobody aborts. */
export function quiet(): AbortSignal {
  return new AbortController().signal;
}

/** The bare statuses of results. */
export function statuses(results: readonly PublishResult[]): readonly string[] {
  return results.map((result) => result.status);
}
