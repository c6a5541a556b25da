import { type ServerInstance, startRedis } from '@outrelay/servers';
import { Redis } from 'ioredis';
import { onTestFinished } from 'vitest';
import { parseStreamEntry, type ReceivedMessage } from '../../src/index.ts';

export type OwnRedis = ServerInstance<readonly string[]>;

/** Everything that was answered is on disk, and comes back after `kill -9`. */
export const DURABLE: readonly string[] = ['--appendonly', 'yes', '--appendfsync', 'always'];

/**
 * A server of one test's own; it is gone after the test.
 *
 * `OUTRELAY_TEST_REDIS_BINARY` chooses another program than the `redis-server` of the machine: another version, or
 * Valkey.
 */
export async function ownRedis(...args: readonly string[]): Promise<OwnRedis> {
  const server = await startRedis({ args, binary: process.env['OUTRELAY_TEST_REDIS_BINARY'] });
  onTestFinished(() => server.remove());
  return server;
}

/** A client to look at a server, or to change its settings; it is closed after the test. */
export function clientOf(url: string, db = 0): Redis {
  const client = new Redis(url, { db, retryStrategy: (times) => Math.min(times * 20, 200) });
  client.on('error', () => undefined);
  onTestFinished(() => client.disconnect());
  return client;
}

/** All messages of a stream, in order. */
export async function received(client: Redis, stream: string): Promise<readonly ReceivedMessage[]> {
  const entries = await client.xrangeBuffer(stream, '-', '+');
  return entries.map(([, fields]) => parseStreamEntry(fields));
}

/** The payloads of all messages of a stream, as texts. */
export async function payloads(client: Redis, stream: string): Promise<readonly string[]> {
  const messages = await received(client, stream);
  return messages.map(({ payload }) => (payload === null ? '(none)' : Buffer.from(payload).toString()));
}
