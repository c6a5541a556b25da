import { createConsumer, type MessageSource } from '@outrelay/core';
import { startRedis } from '@outrelay/servers';
import { memoryStore } from '@outrelay/store-memory';
import { Redis } from 'ioredis';
import { expect, it, onTestFinished } from 'vitest';
import { redisSource } from '../src/index.ts';
import { startProxy } from './support/proxy.ts';
import { publish, sent, testPrefix } from './support/sources.ts';

it('has every effect once while connections are cut, servers die and consumers come and go', async () => {
  const server = await startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] });
  onTestFinished(() => server.remove());
  const proxy = await startProxy(server.port);
  onTestFinished(() => proxy.close());
  const prefix = testPrefix();
  const store = memoryStore();
  const effects: string[] = [];
  const total = 600;
  const ids = Array.from({ length: total }, (_, at) => `m${at}`);
  // Every message once, twice or three times.
  const copies = ids.flatMap((id, at) => Array.from({ length: 1 + (at % 3) }, () => id));
  const shuffled = copies
    .map((id, at) => [(at * 7919) % copies.length, id] as const)
    .toSorted(([a], [b]) => a - b);
  await publish(
    server.url,
    prefix,
    shuffled.map(([, id]) => sent(id, { key: `k${Number(id.slice(1)) % 20}` })),
  );

  const sources: MessageSource[] = [];
  const start = () => {
    const source = redisSource({
      url: proxy.url,
      streams: [`${prefix}orders`],
      group: 'billing',
      idleMs: 500,
      claimIntervalMs: 50,
      connectTimeoutMs: 1_000,
      commandTimeoutMs: 1_000,
    });
    sources.push(source);
    const consumer = createConsumer({
      name: 'billing',
      store,
      source,
      prefetch: 20,
      handler: async (_, message) => {
        // Not part of the transaction of the memory: counted when it commits, which is the last thing to happen.
        effects.push(message.id);
      },
      retry: { minDelayMs: 10, maxDelayMs: 50 },
    });
    consumer.start();
    return { consumer, source };
  };
  let running = [start(), start(), start()];
  const progress = async (share: number): Promise<void> => {
    await expect.poll(() => effects.length, { timeout: 25_000 }).toBeGreaterThanOrEqual(total * share);
  };
  await progress(0.15);
  proxy.cut();
  await progress(0.3);
  await server.kill();
  await server.start();
  await progress(0.45);
  proxy.freeze();
  await progress(0.6);
  const [first] = running;
  await first?.consumer.stop();
  await first?.source.close();
  running = [...running.slice(1), start()];
  await progress(1);
  const admin = new Redis(server.url);
  onTestFinished(() => admin.disconnect());
  await expect
    .poll(async () => (await admin.xpending(`${prefix}orders`, 'billing'))[0], { timeout: 25_000 })
    .toBe(0);
  for (const { consumer, source } of running) {
    expect(await consumer.stop()).toEqual({ unfinished: 0 });
    await source.close();
  }
  expect(effects.toSorted()).toEqual(ids.toSorted());
}, 90_000);
