import { type Message, uuidv7 } from '@outrelay/core';

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

/** Messages of one topic, numbered in their payloads, with their keys in turn. */
export function series(count: number, topic: string, keys: readonly (string | null)[] = [null]): Message[] {
  return Array.from({ length: count }, (_, at) =>
    message({ topic, key: keys[at % keys.length] as string | null, payload: String(at) }),
  );
}

/** A signal that nobody aborts. */
export function quiet(): AbortSignal {
  return new AbortController().signal;
}
