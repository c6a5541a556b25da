import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Message, MessageSource, SourceDelivery } from '@outrelay/core';
import { onTestFinished } from 'vitest';
import { type RedisSourceOptions, redisSource, redisTransport } from '../../src/index.ts';

const NEVER = new AbortController().signal;

/** A source that is closed after the test. */
export function testSource(options: RedisSourceOptions): MessageSource {
  const source = redisSource(options);
  onTestFinished(() => source.close());
  return source;
}

/** Receives until so many deliveries have come; fails with the test's time. */
export async function receiveCount(source: MessageSource, count: number): Promise<SourceDelivery[]> {
  const found: SourceDelivery[] = [];
  while (found.length < count)
    found.push(...(await source.receive({ limit: count - found.length, waitMs: 1_000 }, NEVER)));
  return found;
}

/** Receives what is there without waiting for more. */
export function receiveNow(source: MessageSource, limit = 100): Promise<readonly SourceDelivery[]> {
  return source.receive({ limit, waitMs: 1 }, NEVER);
}

/** The ids of the messages of deliveries. */
export function idsOf(deliveries: readonly SourceDelivery[]): (string | undefined)[] {
  return deliveries.map(({ message }) => message?.id);
}

export function sent(id: string, fields: Partial<Message> = {}): Message {
  return {
    id,
    topic: 'orders',
    key: null,
    headers: {},
    payload: `{"id":"${id}"}`,
    contentType: 'application/json',
    createdAt: new Date(1_700_000_000_000),
    deduplicationId: id,
    ...fields,
  };
}

/** Publishes messages with these ids, or as they are. */
export async function publish(
  url: string,
  prefix: string,
  messages: readonly (string | Message)[],
): Promise<void> {
  const transport = redisTransport({ url, prefix });
  const results = await transport.publish(
    messages.map((message) => (typeof message === 'string' ? sent(message) : message)),
    NEVER,
  );
  await transport.close();
  const failed = results.find(({ status }) => status !== 'accepted');
  if (failed !== undefined) throw new Error(`not published: ${JSON.stringify(failed)}`);
}

/** A prefix for the streams of one test. */
export function testPrefix(): string {
  return `${randomUUID()}:`;
}

/** A stream of one test with its options. */
export function sourcePlace(url: string): {
  prefix: string;
  stream: string;
  options: { url: string; streams: string[]; group: string };
} {
  const prefix = testPrefix();
  const stream = `${prefix}orders`;
  return { prefix, stream, options: { url, streams: [stream], group: 'billing' } };
}

/** A process that takes deliveries and holds them; answers once it has so many. */
export async function holdingProcess(
  parameters: readonly string[],
  count: number,
): Promise<{ child: ChildProcess; held: { id: string; deliveryCount: number }[] }> {
  const program = fileURLToPath(new URL('../programs/hold.mjs', import.meta.url));
  const child = fork(program, parameters, { execArgv: [] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const held: { id: string; deliveryCount: number }[] = [];
  child.on('message', (message) => held.push(message as (typeof held)[number]));
  while (held.length < count) await once(child, 'message');
  return { child, held };
}
