import { describe, type Headers, type MessageContent, OutboxError } from '@outrelay/core';

/** A message as a consumer has it: everything the sender's outbox held. */
export interface ReceivedMessage extends MessageContent {
  /** When it was appended, by the clock of the sender's database. */
  readonly createdAt: Date;
  /** The id, and after a redrive a new name: what to recognise repeated deliveries by. */
  readonly deduplicationId: string;
}

/** A value of a field as clients give it: bytes, or a text that the client decoded. */
export type FieldValue = Uint8Array | string;

/**
 * The fields of a stream entry as clients give them: names and values in turn (ioredis `xread`, `xreadgroup` and
 * their `…Buffer` forms), or an object or map from names to values (node-redis).
 */
export type EntryFields =
  | readonly FieldValue[]
  | ReadonlyMap<FieldValue, FieldValue>
  | Readonly<Record<string, FieldValue>>;

/**
 * Restores the message that {@link redisTransport} wrote, exactly: id, topic, key, headers, content type and payload.
 *
 * The payload is what the client gave: bytes from the `…Buffer` forms of ioredis, else a text, which is exact for
 * texts only. Fields with other names are ignored, so that later versions may add some.
 *
 * @param fields - of one entry, without its stream id
 * @throws OutboxError `MESSAGE_INVALID` when the entry is not such a message; `TypeError` for misuse
 */
export function parseStreamEntry(fields: EntryFields): ReceivedMessage {
  const values = readFields(fields);
  const id = needed(values, 'id');
  return {
    id,
    topic: needed(values, 'topic'),
    key: optional(values, 'key'),
    headers: readHeaders(optional(values, 'headers')),
    payload: values.get('payload') ?? null,
    contentType: needed(values, 'content-type'),
    createdAt: readTime(needed(values, 'created-at')),
    deduplicationId: optional(values, 'deduplication-id') ?? id,
  };
}

function readFields(fields: EntryFields): ReadonlyMap<string, FieldValue> {
  const values = new Map<string, FieldValue>();
  for (const [name, value] of pairs(fields)) {
    if (!isValue(name) || !isValue(value)) {
      throw new TypeError(
        `parseStreamEntry: names and values must be texts or bytes; got ${describe(isValue(name) ? value : name)}.`,
      );
    }
    const text = toText(name);
    if (values.has(text)) throw invalid(`the field ${JSON.stringify(text)} is given twice`);
    values.set(text, value);
  }
  return values;
}

function pairs(fields: unknown): Iterable<readonly [unknown, unknown]> {
  if (fields instanceof Map) return fields;
  if (Array.isArray(fields)) {
    const flat: readonly unknown[] = fields;
    if (flat.length % 2 === 0) {
      return Array.from({ length: flat.length / 2 }, (_, at) => [flat[2 * at], flat[2 * at + 1]] as const);
    }
  } else if (typeof fields === 'object' && fields !== null && !(fields instanceof Uint8Array)) {
    return Object.entries(fields);
  }
  throw new TypeError(
    `parseStreamEntry: expected the fields of an entry: names and values in turn, an object or a Map; got ${describe(fields)}.`,
  );
}

function isValue(value: unknown): value is FieldValue {
  return typeof value === 'string' || value instanceof Uint8Array;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function toText(value: FieldValue): string {
  if (typeof value === 'string') return value;
  try {
    return UTF8.decode(value);
  } catch {
    throw invalid('a field that holds text is not valid UTF-8');
  }
}

function optional(values: ReadonlyMap<string, FieldValue>, name: string): string | null {
  const value = values.get(name);
  return value === undefined ? null : toText(value);
}

function needed(values: ReadonlyMap<string, FieldValue>, name: string): string {
  const text = optional(values, name);
  if (text === null) throw invalid(`it has no field "${name}"`);
  return text;
}

function readHeaders(json: string | null): Headers {
  if (json === null) return {};
  let headers: unknown;
  try {
    headers = JSON.parse(json);
  } catch {
    throw invalid('its headers are not JSON');
  }
  if (typeof headers === 'object' && headers !== null && !Array.isArray(headers)) {
    if (Object.values(headers).every((value) => typeof value === 'string')) return headers as Headers;
  }
  throw invalid('its headers are not a JSON object of texts');
}

function readTime(text: string): Date {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw invalid('its time is not one of RFC 3339');
  return time;
}

/** Neither reason nor cause holds a value (an error of `JSON.parse` would): consumers log errors. */
function invalid(reason: string): OutboxError {
  return new OutboxError('MESSAGE_INVALID', `The stream entry is not a message of Outrelay: ${reason}.`);
}
