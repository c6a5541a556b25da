import type { Message } from '@outrelay/core';
import type { Argument } from './client.ts';

/**
 * A message as an entry of a stream; the public format, which any language may read.
 *
 * | field | value | absent when |
 * | --- | --- | --- |
 * | `id` | the id of the message | never |
 * | `topic` | the topic | never |
 * | `key` | the key | the message has no key (an empty key is an empty value) |
 * | `content-type` | the media type of the payload | never |
 * | `created-at` | when it was appended: RFC 3339, UTC, milliseconds | never |
 * | `headers` | a JSON object of texts | the message has no headers |
 * | `deduplication-id` | the deduplication id | it is the id: everywhere but after a redrive |
 * | `payload` | the bytes of the payload | the payload is `null` (an empty one is an empty value) |
 *
 * The order is fixed: Redis stores entries with the fields of their neighbours without repeating the names.
 */
export interface Entry {
  /** Position of the message in the call. */
  readonly at: number;
  /** Topic and key together; `null` without a key. */
  readonly lane: string | null;
  readonly shape: Shape;
  /** One value per name. */
  readonly values: readonly Argument[];
  /** About the bytes it takes: what counts against the size of a chunk. */
  readonly bytes: number;
  /** Bytes of its largest value: payload or headers. */
  readonly valueBytes: number;
}

/** Which fields an entry has; one object for all entries that have the same. */
export interface Shape {
  readonly names: readonly string[];
  /** The names, parted by spaces. */
  readonly text: string;
}

/** By the optional fields that are present: bits for key, headers, deduplication id and payload. */
const SHAPES: readonly Shape[] = Array.from({ length: 16 }, (_, present) => {
  const names = [
    'id',
    'topic',
    ...(present & 1 ? ['key'] : []),
    'content-type',
    'created-at',
    ...(present & 2 ? ['headers'] : []),
    ...(present & 4 ? ['deduplication-id'] : []),
    ...(present & 8 ? ['payload'] : []),
  ];
  return { names, text: names.join(' ') };
});

/** Turns a message into an entry. Takes a copy of payload bytes: the caller may use its memory again. */
export function toEntry(message: Message, at: number): Entry {
  const { id, topic, key, headers, payload, contentType, deduplicationId } = message;
  const values: Argument[] = [id, topic];
  let present = 0;
  let headerBytes = 0;
  let payloadBytes = 0;
  if (key !== null) {
    present |= 1;
    values.push(key);
  }
  values.push(contentType, message.createdAt.toISOString());
  if (Object.keys(headers).length > 0) {
    present |= 2;
    const json = JSON.stringify(headers);
    headerBytes = Buffer.byteLength(json);
    values.push(json);
  }
  if (deduplicationId !== id) {
    present |= 4;
    values.push(deduplicationId);
  }
  if (payload !== null) {
    present |= 8;
    const value = typeof payload === 'string' ? payload : Buffer.from(payload);
    payloadBytes = Buffer.byteLength(value);
    values.push(value);
  }
  // Topics hold no control characters, so the pair is unambiguous.
  const lane = key === null ? null : `${topic}\0${key}`;
  const bytes = OVERHEAD_BYTES + headerBytes + payloadBytes;
  const valueBytes = Math.max(headerBytes, payloadBytes);
  return { at, lane, shape: SHAPES[present] as Shape, values, bytes, valueBytes };
}

/** The fields besides headers and payload are bounded by core: at most about 1.3 KB together, mostly far less. */
const OVERHEAD_BYTES = 200;
