import { until } from '@outrelay/servers';
import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { message, quiet, series } from './support/messages.ts';
import { verdict } from './support/ledger.ts';
import { clientOf, DURABLE, ownRedis, received } from './support/redis.ts';
import { deliver } from './support/relay.ts';
import { open, statuses } from './support/transport.ts';

const KEYS = Array.from({ length: 20 }, (_, at) => `k${at}`);

describe('a server that is killed', () => {
  it.each([100, 1000])(
    'in the middle of 10,000 messages loses none that it accepted, in chunks of %i',
    async (chunkMessages) => {
      const server = await ownRedis(...DURABLE);
      const transport = open({ url: server.url, chunkMessages });
      const sent = series(10_000, 'crash', KEYS);
      let kills = 0;
      let restarting = Promise.resolve();
      const report = await deliver(transport, sent, {
        batch: 500,
        progress(accepted) {
          if (accepted < (kills + 1) * 2_000 || kills === 4) return;
          kills++;
          // Not awaited: the next call is under way when it dies.
          restarting = restarting.then(() => server.kill()).then(() => server.start());
        },
      });
      await restarting;
      const entries = await received(clientOf(server.url), 'crash');
      const { lost, duplicates, disordered } = verdict(sent, entries);
      expect(kills).toBe(4);
      expect({ lost, disordered }).toEqual({ lost: [], disordered: [] });
      expect(duplicates).toBeLessThanOrEqual(report.seen.get('unknown') ?? 0);
    },
  );

  it('between two calls is used again once it is back', async () => {
    const server = await ownRedis(...DURABLE);
    const transport = open({ url: server.url });
    const sent = series(6, 'again', ['k']);
    expect(statuses(await transport.publish(sent.slice(0, 3), quiet()))).toEqual(Array(3).fill('accepted'));
    await server.kill();
    await expect(transport.publish(sent.slice(3), quiet())).rejects.toMatchObject({
      code: 'TRANSPORT_UNAVAILABLE',
    });
    await server.start();
    await deliver(transport, sent.slice(3), { batch: 3 });
    const entries = await received(clientOf(server.url), 'again');
    expect(entries.map(({ payload }) => String(payload))).toEqual(['0', '1', '2', '3', '4', '5']);
  });
});

describe('a server that loads its data', () => {
  const SLOW = ['--key-load-delay', '20000', '--loading-process-events-interval-bytes', '1024'];

  async function loadingServer() {
    const server = await ownRedis();
    const client = clientOf(server.url);
    for (let key = 0; key < 1000; key++) void client.set(`filler:${key}`, 'x'.repeat(500));
    await client.save();
    await server.kill();
    await server.start(SLOW);
    // A client that waits until the server is ready would wait for what it is to cause.
    const hasty = new Redis(server.url, { enableReadyCheck: false });
    onTestFinished(() => hasty.disconnect());
    return { server, finish: () => hasty.config('SET', 'key-load-delay', '0') };
  }

  it('is unavailable until it has', async () => {
    const { server, finish } = await loadingServer();
    const transport = open({ url: server.url, connectTimeoutMs: 100 });
    await expect(transport.publish([message()], quiet())).rejects.toMatchObject({
      code: 'TRANSPORT_UNAVAILABLE',
    });
    await expect(transport.connectivity?.check(quiet())).rejects.toMatchObject({
      code: 'TRANSPORT_UNAVAILABLE',
    });
    await finish();
    await until('it is there', () => transport.connectivity?.check(quiet()));
    expect(statuses(await transport.publish([message()], quiet()))).toEqual(['accepted']);
  });

  it('is unavailable to a client that does not wait for that', async () => {
    const { server, finish } = await loadingServer();
    const client = new Redis(server.url, {
      enableReadyCheck: false,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
    });
    const transport = open({ client });
    await expect(transport.publish([message()], quiet())).rejects.toThrow('LOADING');
    await expect(transport.publish(series(3, 'loading'), quiet())).rejects.toThrow('LOADING');
    await expect(transport.connectivity?.check(quiet())).rejects.toThrow('LOADING');
    await finish();
    await until('it is there', () => transport.connectivity?.check(quiet()));
    client.disconnect();
  });
});
