import { connect, createServer } from 'node:net';
import { ALL_TOPICS } from '@outrelay/core';
import { until } from '@outrelay/servers';
import { Pool } from 'pg';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { postgresStore } from '../src/index.ts';
import { urlOf } from './support/database.ts';
import { ownServer } from './support/servers.ts';

/** The message `ReadyForQuery` of a session without a transaction, which ends the start of a connection. */
const READY = Buffer.from('Z\0\0\0\x05I', 'latin1');

function poolOf(connectionString: string): Pool {
  const pool = new Pool({ connectionString });
  pool.on('error', () => {});
  onTestFinished(() => pool.end());
  return pool;
}

const own = await ownServer();
afterAll(own.remove);

/** On a server behind a proxy, which holds back the end of what a connection begins with. */
describe('connecting', () => {
  /** Passes on the first end of a start only together with what comes after it, in one piece. */
  async function holdingProxy(): Promise<string> {
    const { hostname, port } = new URL(own.url);
    const proxy = createServer((near) => {
      const far = connect({ host: hostname, port: Number(port) });
      let held: Buffer | null = null;
      far.on('data', (chunk) => {
        if (held !== null) near.write(Buffer.concat([held, chunk]));
        else if (chunk.includes(READY)) held = chunk;
        else near.write(chunk);
      });
      near.pipe(far);
      for (const [one, other] of [[near, far] as const, [far, near] as const]) {
        one.on('error', () => {});
        one.on('close', () => other.end());
      }
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void proxy.close());
    const url = new URL(urlOf(own.url, 'postgres', { application_name: 'held' }));
    url.hostname = '127.0.0.1';
    url.port = String((proxy.address() as { port: number }).port);
    return url.href;
  }

  it.each([
    ['of its own', (url: string) => postgresStore({ url })],
    ['of the application', (url: string) => postgresStore({ pool: poolOf(url) })],
  ])('on a pool %s fails, and ends no process, when it is cut in the moment it begins', async (_, open) => {
    const store = open(await holdingProxy());
    const uncaught: unknown[] = [];
    const listener = (error: unknown): void => void uncaught.push(error);
    process.on('uncaughtExceptionMonitor', listener);
    onTestFinished(() => void process.off('uncaughtExceptionMonitor', listener));
    const request = { token: 'c'.repeat(32), relay: 'connect', leaseMs: 10_000, topics: ALL_TOPICS };
    const call = store.claim(request).catch((error: unknown) => error);
    await until('the connection has begun, and is ended', async () => {
      const { rows } = await own.admin.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'held' AND state = 'idle'",
      );
      expect(rows).toHaveLength(1);
    });
    expect(await call).toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
    await store.close();
    expect(uncaught).toEqual([]);
  });

  it('takes a wrapper of a pool that knows promises alone', async () => {
    const pool = poolOf(own.url);
    const store = postgresStore({ pool: { totalCount: 0, connect: () => pool.connect() } });
    await store.schema.apply();
    const request = { token: 'd'.repeat(32), relay: 'connect', leaseMs: 10_000, topics: ALL_TOPICS };
    expect(await store.claim(request)).toBeNull();
    await store.close();
  });
});
