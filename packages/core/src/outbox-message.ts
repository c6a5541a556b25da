import { MAX_ID_BYTES, MAX_KEY_BYTES, MAX_TOPIC_BYTES, type StoreLimits } from './capabilities.ts';
import type { CodecTable } from './codec.ts';
import { OutboxError } from './errors.ts';
import type { DeadLetterEdit } from './facets.ts';
import { type Headers, type NewMessage, type Payload, payloadBytes } from './message.ts';
import { describe } from './settings.ts';
import { uuidv7 } from './uuid.ts';

/** A message as the application hands it to the outbox. */
export interface OutboxMessage<Topic extends string = string, P = unknown> {
  /** 1 to 255 bytes, without control characters and `*`. */
  readonly topic: Topic;
  /** Encoded by its content type. Default: none, which is not the same as an empty one. */
  readonly payload?: P | undefined;
  /** Messages of one topic and key are published in the order of append. At most 512 bytes. Default: no order. */
  readonly key?: string | null | undefined;
  /** Consumers recognise duplicates by it. At most 255 bytes. Default: a new UUIDv7. */
  readonly id?: string | undefined;
  /** Default: none, besides those that the outbox adds to every message. */
  readonly headers?: Headers | undefined;
  /** Default: what the topic declares; else JSON, or `application/octet-stream` for a `Uint8Array`. */
  readonly contentType?: string | undefined;
  /** Not published before this time, by the database's clock. Default: at once. */
  readonly availableAt?: Date | undefined;
}

/** What the outbox adds to the messages of a topic. */
export interface MessageDefaults {
  readonly contentType: string | undefined;
  readonly ordering: 'key' | 'strict';
}

/** Checks and encodes messages; throws before anything is written. */
export class MessageComposer {
  readonly #codecs: CodecTable;
  readonly #limits: StoreLimits;

  constructor(codecs: CodecTable, limits: StoreLimits) {
    this.#codecs = codecs;
    this.#limits = limits;
  }

  /** @param added - headers for every message; those of the message itself win */
  compose(
    message: OutboxMessage,
    value: unknown,
    defaults: MessageDefaults,
    added: Headers | undefined,
  ): NewMessage {
    const topic = checkTopic(message.topic);
    const key = message.key ?? null;
    if (key !== null) checkText('key', key, MAX_KEY_BYTES);
    if (key === null && defaults.ordering === 'strict') {
      throw invalid(`the topic ${JSON.stringify(topic)} is strictly ordered, so its messages need a key`);
    }
    const id = message.id === undefined ? uuidv7() : checkId(message.id);
    const headers = this.#headers(message.headers, added);
    const availableAt = checkTime(message.availableAt);
    const asked = checkContentType(message.contentType ?? defaults.contentType);
    const { payload, contentType } = this.#codecs.encode(value, asked);
    checkPayloadSize(payload, this.#limits, topic);
    // Field by field: to spread objects costs more here than all the checks together.
    return { id, topic, key, headers, payload, contentType, availableAt, ordering: defaults.ordering };
  }

  #headers(own: Headers | undefined, added: Headers | undefined): Headers {
    if (own === undefined && added === undefined) return NO_HEADERS;
    for (const given of [added, own]) if (given !== undefined) checkHeadersObject(given);
    const headers: Headers = { ...added, ...own };
    checkHeaders(headers, this.#limits);
    return headers;
  }
}

const NO_HEADERS: Headers = Object.freeze({});

/** Holds the edit of a dead letter to the rules of a message, which it becomes. */
export function checkEdit(
  { topic, headers, contentType, payload }: DeadLetterEdit,
  limits: StoreLimits,
): void {
  if (topic !== undefined) checkTopic(topic);
  if (headers !== undefined) {
    checkHeadersObject(headers);
    checkHeaders(headers, limits);
  }
  checkContentType(contentType);
  if (payload === undefined || payload === null) return;
  if (!(payload instanceof Uint8Array) && !(typeof payload === 'string' && payload.isWellFormed())) {
    throw invalid('the payload must be bytes or well-formed text');
  }
  checkPayloadSize(payload, limits);
}

function checkHeadersObject(given: unknown): void {
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return;
  throw invalid(`headers must be an object of texts; got ${describe(given)}`);
}

function checkHeaders(headers: Headers, { maxHeadersBytes }: StoreLimits): void {
  for (const [name, value] of Object.entries(headers)) {
    if (name === '') throw invalid('a header has an empty name');
    checkText('header name', name, MAX_ID_BYTES);
    checkText(`header ${JSON.stringify(name)}`, value, maxHeadersBytes);
  }
  const bytes = Buffer.byteLength(JSON.stringify(headers));
  if (bytes <= maxHeadersBytes) return;
  throw new OutboxError(
    'MESSAGE_TOO_LARGE',
    `The headers have ${bytes} bytes as JSON; the limit is ${maxHeadersBytes}.`,
  );
}

function checkPayloadSize(payload: Payload, { maxPayloadBytes }: StoreLimits, topic?: string): void {
  const bytes = payloadBytes(payload);
  if (bytes <= maxPayloadBytes) return;
  throw new OutboxError(
    'MESSAGE_TOO_LARGE',
    `The payload${topic === undefined ? '' : ` of the message for ${JSON.stringify(topic)}`} has ${bytes} bytes; the limit is ${maxPayloadBytes}.`,
  );
}

/** C0 controls and DEL: they end up in log lines, broker subjects and shell arguments. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const CONTROL = /[\u0000-\u001f\u007f]/;

/** Checks a topic by the rules of {@link OutboxMessage.topic}. */
function checkTopic(topic: unknown): string {
  checkText('topic', topic, MAX_TOPIC_BYTES);
  if (topic === '') throw invalid('the topic is empty');
  if (CONTROL.test(topic) || topic.includes('*')) {
    throw invalid(
      `the topic ${JSON.stringify(topic)} holds a control character or "*", which is kept for patterns`,
    );
  }
  return topic;
}

function checkId(id: unknown): string {
  checkText('id', id, MAX_ID_BYTES);
  if (id === '') throw invalid('the id is empty; leave it out to get a UUIDv7');
  return id;
}

function checkContentType(contentType: unknown): string | undefined {
  if (contentType === undefined) return undefined;
  checkText('contentType', contentType, MAX_ID_BYTES);
  if (contentType === '') throw invalid('the contentType is empty; leave it out for the default');
  return contentType;
}

function checkTime(time: unknown): Date | null {
  if (time === undefined) return null;
  if (time instanceof Date && !Number.isNaN(time.getTime())) return time;
  throw invalid(`availableAt must be a valid Date; got ${describe(time)}`);
}

/** NUL has no place in a PostgreSQL text, and a lone surrogate has no UTF-8 form: both would change or fail later. */
function checkText(field: string, value: unknown, maxBytes: number): asserts value is string {
  if (typeof value !== 'string') throw invalid(`${field} must be a text; got ${describe(value)}`);
  if (value.includes('\0') || !value.isWellFormed()) {
    throw invalid(`${field} holds a NUL character or a lone surrogate, which databases do not keep`);
  }
  // A UTF-16 unit is at most three bytes of UTF-8, so most texts need no count.
  if (value.length * 3 > maxBytes && Buffer.byteLength(value) > maxBytes) {
    throw invalid(`${field} has ${Buffer.byteLength(value)} bytes; the limit is ${maxBytes}`);
  }
}

function invalid(reason: string): OutboxError {
  return new OutboxError('MESSAGE_INVALID', `The message cannot be stored: ${reason}. Nothing was written.`);
}
