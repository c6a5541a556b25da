import { describe, errorText, OutboxError, TopicTable } from '@outrelay/core';

/** Which stream a topic belongs to: one for all, by a function, or by topic patterns. */
export type StreamOption = string | ((topic: string) => string) | Readonly<Record<string, string>>;

/** Names the stream of a topic; throws an {@link OutboxError} where there is none. */
export type StreamNaming = (topic: string) => string;

/** Reads the options `stream` and `prefix`. */
export function streamNaming(stream: unknown, prefix: string): StreamNaming {
  if (stream === undefined) return (topic) => prefix + topic;
  if (typeof stream === 'string' && stream !== '') return () => prefix + stream;
  if (typeof stream === 'function') return byFunction(stream as (topic: string) => unknown, prefix);
  if (typeof stream === 'object' && stream !== null && !Array.isArray(stream))
    return byPattern(stream, prefix);
  throw new TypeError(
    `redisTransport: option "stream" must be the name of a stream, a function from topic to stream, or an object from topic patterns to streams; got ${describe(stream)}.`,
  );
}

function byPattern(streams: object, prefix: string): StreamNaming {
  for (const [pattern, name] of Object.entries(streams)) {
    if (typeof name === 'string' && name !== '') continue;
    throw new TypeError(
      `redisTransport: option "stream[${JSON.stringify(pattern)}]" must be the name of a stream; got ${describe(name)}.`,
    );
  }
  const table = new TopicTable<string>(Object.entries(streams));
  return (topic) => {
    const name = table.get(topic);
    if (name !== undefined) return prefix + name;
    throw unnamed(topic, 'no pattern of the option "stream" covers it: add one, or "*"');
  };
}

function byFunction(name: (topic: string) => unknown, prefix: string): StreamNaming {
  return (topic) => {
    let stream: unknown;
    try {
      stream = name(topic);
    } catch (cause) {
      throw unnamed(topic, `the function in the option "stream" threw ${JSON.stringify(errorText(cause))}`);
    }
    if (typeof stream === 'string' && stream !== '') return prefix + stream;
    throw unnamed(topic, `the function in the option "stream" gave ${describe(stream)}`);
  };
}

/** It is retried: another process may know the stream already. */
function unnamed(topic: string, reason: string): OutboxError {
  return new OutboxError('TRANSPORT_FAILED', `The topic ${JSON.stringify(topic)} has no stream: ${reason}.`);
}
