import { type Codec, CodecTable } from './codec.ts';
import { OutboxError } from './errors.ts';
import { guardStore } from './guard/guard-store.ts';
import { lineageHeaders } from './lineage.ts';
import type { Headers, NewMessage } from './message.ts';
import { MessageComposer, type OutboxMessage } from './outbox-message.ts';
import { chain, isThenable } from './result.ts';
import { any, describe, integer, oneOf, optionalFunction, readOptions, record, text } from './settings.ts';
import { issueText, type SchemaResult, type StandardSchema } from './standard-schema.ts';
import type { AppendReport, Mode, OutboxStore, Result } from './store.ts';
import { TopicTable } from './topics.ts';

/** A map from topic (or `prefix.*` pattern) to the type of its payloads. */
export type TopicMap = Record<string, unknown>;

/** The topics that a key of a {@link TopicMap} stands for. */
export type TopicName<K> = K extends '*' ? string : K extends `${infer P}.*` ? `${P}.${string}` : K & string;

/** A message of one of the topics, its payload typed by the topic. */
export type TypedMessage<T extends TopicMap> = {
  [K in keyof T]: OutboxMessage<TopicName<K>, T[K]>;
}[keyof T];

/** What the outbox knows of a topic. */
export interface TopicOptions<P = unknown> {
  /** Payloads must satisfy it; what it returns is what is stored. Default: no check. */
  readonly schema?: StandardSchema<P, unknown> | undefined;
  /** `'strict'` also orders concurrent transactions of one key, at the price of a lock. Default: `'key'`. */
  readonly ordering?: 'key' | 'strict' | undefined;
  /** Media type of payloads that name no other. Default: JSON. */
  readonly contentType?: string | undefined;
}

/** Options of {@link createOutbox}. */
export interface OutboxOptions<T extends TopicMap, Tx, M extends Mode, Root> {
  /** Where messages go. The outbox never closes it. */
  readonly store: OutboxStore<Tx, M, Root>;
  /** Per topic or pattern; the most specific pattern counts. Default: any topic, unchecked payloads. */
  readonly topics?: { readonly [K in keyof T]: TopicOptions<T[K]> } | undefined;
  /** Codecs besides JSON, by media type. Default: none. */
  readonly codecs?: readonly Codec[] | undefined;
  /**
   * Headers for every message, for example a trace context; a message's own headers win. Default: none, but what is
   * appended while an inbox runs a handler says where it comes from: `causation-id`, `correlation-id`.
   */
  readonly headers?: (() => Headers) | undefined;
  /** Largest payload in bytes. Default: the store's limit, which it can only lower. */
  readonly maxPayloadBytes?: number | undefined;
}

/** What an append came to. */
export interface Appended extends AppendReport {
  /** The ids of the messages, in order. */
  readonly ids: readonly string[];
}

/** The write side: puts messages into the caller's own transaction. */
export interface Outbox<T extends TopicMap, Tx, M extends Mode, Root> {
  /**
   * Writes one message or several in the transaction of `tx`; they are published if and only if it commits.
   *
   * On a synchronous store they have been written when the call returns, otherwise when its promise resolves. Throws
   * before anything is written when a message is invalid. Errors of the caller's transaction, such as a deadlock,
   * pass through untouched, so that whoever runs the transaction can repeat it.
   */
  append(tx: Tx, messages: TypedMessage<T> | readonly TypedMessage<T>[]): Result<M, Appended>;

  /**
   * Writes messages in a transaction of their own: for messages that belong to no business write. With a business
   * write this loses atomicity, which is what the outbox is for.
   */
  appendAutocommit(
    handle: Tx | Root,
    messages: TypedMessage<T> | readonly TypedMessage<T>[],
  ): Result<M, Appended>;
}

/** Gives topics payload types without checks at run time: `topics: topicTypes<{ 'order.placed': OrderPlaced }>()`. */
export function topicTypes<T extends TopicMap>(): { readonly [K in keyof T]: TopicOptions<T[K]> } {
  return {} as { readonly [K in keyof T]: TopicOptions<T[K]> };
}

/**
 * Creates the write side of an outbox.
 *
 * @example
 * const outbox = createOutbox({ store });
 * db.transaction(() => {
 *   insertOrder.run(order);
 *   outbox.append(db, { topic: 'order.placed', key: order.id, payload: order });
 * }).immediate();
 */
export function createOutbox<
  T extends TopicMap = TopicMap,
  Tx = unknown,
  M extends Mode = Mode,
  Root = never,
>(options: OutboxOptions<T, Tx, M, Root>): Outbox<T, Tx, M, Root> {
  const settings = readOptions('createOutbox', options, {
    store: guardStore<Tx, M, Root>,
    topics: record<Record<string, TopicOptions>>({}),
    codecs: readCodecs,
    headers: optionalFunction<() => Headers>(),
    maxPayloadBytes: integer(Number.MAX_SAFE_INTEGER, 1, Number.MAX_SAFE_INTEGER),
  });
  const { store } = settings;
  const { limits } = store.capabilities;
  const synchronous = store.capabilities.append === 'sync';
  const composer = new MessageComposer(new CodecTable(settings.codecs), {
    ...limits,
    maxPayloadBytes: Math.min(settings.maxPayloadBytes, limits.maxPayloadBytes),
  });
  const topics = readTopics(settings.topics, store);

  function compose(message: OutboxMessage, payload: unknown, topic: TopicSettings): NewMessage {
    return composer.compose(message, payload, topic, addedHeaders(settings.headers));
  }

  function append(handle: Tx | Root, input: unknown, autocommit: boolean): Result<M, Appended> {
    const messages = (Array.isArray(input) ? input : [input]) as readonly OutboxMessage[];
    if (messages.length > limits.maxMessagesPerAppend) {
      throw new OutboxError(
        'MESSAGE_TOO_LARGE',
        `${messages.length} messages were given to one append; the store takes ${limits.maxMessagesPerAppend}. Append in parts, in the same transaction.`,
      );
    }
    const write = (composed: readonly NewMessage[]): Result<M, Appended> =>
      chain(store.append(handle, composed, { autocommit }), ({ duplicates }) => ({
        ids: composed.map((message) => message.id),
        duplicates,
      }));
    if (synchronous) return write(messages.map((message) => prepare(message) as NewMessage));
    // Each in a function of its own: of several failures one is reported and none is an unhandled rejection.
    return Promise.all(messages.map(async (message) => prepare(message))).then(write) as Result<M, Appended>;
  }

  function prepare(message: OutboxMessage): NewMessage | Promise<NewMessage> {
    if (typeof message !== 'object' || message === null) {
      throw new TypeError('Expected a message such as { topic, key, payload } or an array of them.');
    }
    const topic = (typeof message.topic === 'string' ? topics.get(message.topic) : undefined) ?? PLAIN_TOPIC;
    if (topic.schema === undefined) return compose(message, message.payload, topic);
    const take = (result: SchemaResult<unknown>): NewMessage =>
      compose(message, schemaValue(result, message.topic), topic);
    const validated = topic.schema['~standard'].validate(message.payload);
    if (!isThenable(validated)) return take(validated);
    const taken = Promise.resolve(validated).then(take);
    if (!synchronous) return taken;
    taken.catch(() => {});
    throw asyncSchema(message.topic);
  }

  /** On an asynchronous store a refusal is a rejection, never a throw, so that `.catch()` sees all of them. */
  const settled = (work: () => Result<M, Appended>): Result<M, Appended> => {
    if (synchronous) return work();
    return (async () => work())() as unknown as Result<M, Appended>;
  };

  return {
    append: (tx, messages) => settled(() => append(tx, messages, false)),
    appendAutocommit: (handle, messages) => settled(() => append(handle, messages, true)),
  };
}

/** Headers that tell of the message being handled, and those that the application adds, which win. */
function addedHeaders(own: (() => Headers) | undefined): Headers | undefined {
  const lineage = lineageHeaders();
  return lineage === undefined ? own?.() : { ...lineage, ...own?.() };
}

interface TopicSettings {
  readonly schema: StandardSchema | undefined;
  readonly ordering: 'key' | 'strict';
  readonly contentType: string | undefined;
}

const PLAIN_TOPIC: TopicSettings = { schema: undefined, ordering: 'key', contentType: undefined };

function readCodecs(value: unknown, name: string): readonly Codec[] {
  if (value === undefined) return [];
  const isCodec = (codec: Partial<Codec> | null): boolean =>
    typeof codec?.contentType === 'string' &&
    typeof codec.encode === 'function' &&
    typeof codec.decode === 'function';
  if (Array.isArray(value) && value.every(isCodec)) return value;
  throw new TypeError(
    `${name} must be an array of codecs such as { contentType, encode, decode }; got ${describe(value)}.`,
  );
}

function readTopics(topics: Record<string, TopicOptions>, store: OutboxStore): TopicTable<TopicSettings> {
  const entries = Object.entries(topics).map(([pattern, options]): [string, TopicSettings] => {
    const owner = `createOutbox: topic "${pattern}"`;
    const { ordering, contentType, schema } = readOptions(owner, options, {
      schema: any<StandardSchema | undefined>(undefined),
      ordering: oneOf<'key' | 'strict'>('key', ['key', 'strict']),
      contentType: (value, name) => (value === undefined ? undefined : text(undefined)(value, name)),
    });
    if (schema !== undefined && typeof schema?.['~standard']?.validate !== 'function') {
      throw new TypeError(
        `${owner}: option "schema" must implement Standard Schema 1.0, as zod and valibot do.`,
      );
    }
    if (ordering === 'strict' && store.capabilities.ordering !== 'strict') {
      throw new TypeError(`${owner}: the store "${store.name}" has no strict ordering mode.`);
    }
    return [pattern, { schema, ordering, contentType }];
  });
  return new TopicTable(entries);
}

function schemaValue(result: SchemaResult<unknown>, topic: string): unknown {
  if (result.issues === undefined) return result.value;
  throw new OutboxError(
    'SCHEMA_REJECTED',
    `The payload for ${JSON.stringify(topic)} does not satisfy its schema: ${result.issues.map(issueText).join('; ')}. Nothing was written.`,
  );
}

function asyncSchema(topic: string): TypeError {
  return new TypeError(
    `The schema of ${JSON.stringify(topic)} validates asynchronously, but this store writes inside a synchronous transaction. Use a synchronous schema, or validate before the transaction.`,
  );
}
