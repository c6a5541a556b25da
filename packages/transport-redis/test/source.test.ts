import { once } from 'node:events';
import { startRedis } from '@outrelay/servers';
import { Redis } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { redisSource } from '../src/index.ts';
import type { OwnRedis } from './support/redis.ts';
import {
  holdingProcess,
  idsOf,
  publish,
  receiveCount,
  receiveNow,
  sent,
  sourcePlace,
  testPrefix,
  testSource,
} from './support/sources.ts';

let server: OwnRedis;
let admin: Redis;
const NEVER = new AbortController().signal;

beforeAll(async () => {
  server = await startRedis({ binary: process.env['OUTRELAY_TEST_REDIS_BINARY'] });
  admin = new Redis(server.url);
});
afterAll(async () => {
  admin.disconnect();
  await server.remove();
});

it('yields messages exactly as they were published, in order, and forgets what was acknowledged', async () => {
  const { prefix, stream, options } = sourcePlace(server.url);
  const messages = [
    sent('m1', { key: 'k', headers: { a: '1', 'x-🎈': '' } }),
    sent('m2', { payload: null }),
    sent('m3', { payload: Uint8Array.from([0, 255, 0xc3, 0x28]), contentType: 'a/b' }),
  ];
  await publish(server.url, prefix, messages);
  const source = testSource(options);
  const deliveries = await receiveCount(source, 3);
  expect(idsOf(deliveries)).toEqual(['m1', 'm2', 'm3']);
  for (const [at, delivery] of deliveries.entries()) {
    const { deduplicationId: _, payload, ...rest } = messages[at] as (typeof messages)[number];
    expect(delivery).toMatchObject({ message: rest, undecodable: null, deliveryCount: 1 });
    const bytes = delivery.message?.payload;
    expect(bytes === null ? null : Buffer.from(bytes as Uint8Array)).toEqual(
      payload === null ? null : Buffer.from(payload as string),
    );
  }
  await source.acknowledge(deliveries);
  await source.acknowledge(deliveries);
  expect(await admin.xpending(stream, 'billing')).toEqual([0, null, null, null]);
  expect(await receiveNow(source)).toEqual([]);
});

it.each([
  ['beginning', ['old', 'new']],
  ['new', ['new']],
] as const)('begins a new group at "%s"', async (start, expected) => {
  const { prefix, options } = sourcePlace(server.url);
  await publish(server.url, prefix, ['old']);
  const source = testSource({ ...options, start });
  const early = await receiveNow(source);
  await publish(server.url, prefix, ['new']);
  const late = await receiveCount(source, expected.length - early.length);
  expect(idsOf([...early, ...late])).toEqual(expected);
});

it('begins a new group behind an entry, and an old one where it was', async () => {
  const { prefix, stream, options } = sourcePlace(server.url);
  await publish(server.url, prefix, ['m1', 'm2', 'm3']);
  const first = (await admin.xrange(stream, '-', '+', 'COUNT', 1))[0]?.[0];
  const source = testSource({ ...options, start: first });
  expect(idsOf(await receiveCount(source, 1))).toEqual(['m2']);
  const second = testSource({ ...options, start: 'beginning' });
  expect(idsOf(await receiveCount(second, 1))).toEqual(['m3']);
});

it('shares streams among the processes of a group, and gives each group everything', async () => {
  const { prefix, options } = sourcePlace(server.url);
  const ids = Array.from({ length: 40 }, (_, at) => `m${at}`);
  await publish(server.url, prefix, [
    ...ids.slice(0, 20),
    ...ids.slice(20).map((id) => sent(id, { topic: 'stock' })),
  ]);
  const streams = [`${prefix}orders`, `${prefix}stock`];
  const sources = [1, 2, 3].map(() => testSource({ ...options, streams }));
  const found: (string | undefined)[] = [];
  while (found.length < 40)
    for (const source of sources) {
      const deliveries = await receiveNow(source, 5);
      expect(deliveries.length).toBeLessThanOrEqual(5);
      found.push(...idsOf(deliveries));
    }
  expect(new Set(found)).toEqual(new Set(ids));
  expect(found).toHaveLength(40);
  const others = testSource({ ...options, streams, group: 'mail' });
  expect(new Set(idsOf(await receiveCount(others, 40)))).toEqual(new Set(ids));
});

it('takes over what a killed process had in hands, counted, and not before its time', async () => {
  const { prefix, stream, options } = sourcePlace(server.url);
  await publish(server.url, prefix, ['m1', 'm2', 'm3']);
  const { child, held } = await holdingProcess([server.url, stream, 'billing', '1500'], 3);
  expect(held.map(({ deliveryCount }) => deliveryCount)).toEqual([1, 1, 1]);
  const source = testSource({ ...options, idleMs: 1_500, claimIntervalMs: 50 });
  // Three times as long as entries may be idle: it lives, so they are its own.
  const endMs = performance.now() + 4_500;
  while (performance.now() < endMs) expect(await receiveNow(source)).toEqual([]);
  const killed = once(child, 'exit');
  child.kill('SIGKILL');
  await killed;
  const deliveries = await receiveCount(source, 3);
  expect(idsOf(deliveries)).toEqual(['m1', 'm2', 'm3']);
  expect(deliveries.map(({ deliveryCount }) => deliveryCount)).toEqual([2, 2, 2]);
});

it('goes on at once with what a process of the same name had in hands', async () => {
  const { prefix, stream, options } = sourcePlace(server.url);
  await publish(server.url, prefix, ['m1', 'm2', 'm3']);
  const { child } = await holdingProcess([server.url, stream, 'billing', '3600000', 'one'], 3);
  const killed = once(child, 'exit');
  child.kill('SIGKILL');
  await killed;
  await publish(server.url, prefix, ['m4']);
  const source = testSource({ ...options, consumer: 'one', idleMs: 3_600_000 });
  const deliveries = await receiveCount(source, 4);
  expect(idsOf(deliveries)).toEqual(['m1', 'm2', 'm3', 'm4']);
  expect(deliveries.map(({ deliveryCount }) => deliveryCount > 1)).toEqual([true, true, true, false]);
});

it('gives back what was released, and what it had when it was closed, at once', async () => {
  const { prefix, stream, options } = sourcePlace(server.url);
  await publish(server.url, prefix, ['m1', 'm2', 'm3']);
  const one = redisSource({ ...options, idleMs: 3_600_000 });
  const other = testSource({ ...options, idleMs: 3_600_000, claimIntervalMs: 20 });
  const [first, ...rest] = await receiveCount(one, 3);
  await one.release([first as (typeof rest)[number]]);
  expect(idsOf(await receiveCount(other, 1))).toEqual(['m1']);
  await one.close();
  expect(idsOf(await receiveCount(other, 2))).toEqual(['m2', 'm3']);
  // Whoever leaves nothing behind leaves the group.
  const third = redisSource(options);
  expect(await receiveNow(third)).toEqual([]);
  await third.close();
  const consumers = (await admin.xinfo('CONSUMERS', stream, 'billing')) as unknown[];
  expect(consumers).toHaveLength(2);
});

it('moves what is rejected to the stream of dead letters, once and whole', async () => {
  const { prefix, stream, options } = sourcePlace(server.url);
  await publish(server.url, prefix, [sent('m1', { key: 'k', headers: { a: 'b' } })]);
  await admin.xadd(stream, '*', 'something', 'else');
  const source = testSource(options);
  const [good, foreign] = await receiveCount(source, 2);
  expect(foreign).toMatchObject({ message: null, undecodable: expect.stringContaining('no field "id"') });
  for (let times = 0; times < 2; times++) {
    await source.reject([
      { delivery: good as NonNullable<typeof good>, reason: 'rejected', error: 'no \'"order' },
      { delivery: foreign as NonNullable<typeof foreign>, reason: 'undecodable', error: 'foreign' },
    ]);
  }
  const dead = await admin.xrange(`${stream}.dead`, '-', '+');
  expect(dead).toHaveLength(2);
  const [[, one], [, two]] = dead as [[string, string[]], [string, string[]]];
  expect(one).toEqual(
    expect.arrayContaining(['id', 'm1', 'dead-reason', 'rejected', 'dead-error', 'no \'"order']),
  );
  expect(two).toEqual(expect.arrayContaining(['something', 'else', 'dead-reason', 'undecodable']));
  expect(await admin.xpending(stream, 'billing')).toEqual([0, null, null, null]);
  // What is dead is still a message: it can be read from there.
  const letters = testSource({ ...options, streams: [`${stream}.dead`] });
  const [letter] = await receiveCount(letters, 2);
  expect(letter?.message).toMatchObject({ id: 'm1', key: 'k', headers: { a: 'b' } });
});

it('ends a wait when it is told to, and everything when it is closed', async () => {
  const { options } = sourcePlace(server.url);
  const source = redisSource(options);
  const controller = new AbortController();
  const waiting = source.receive({ limit: 1, waitMs: 600_000 }, controller.signal);
  await expect
    .poll(async () => ((await admin.client('LIST')) as string).includes('cmd=xreadgroup'))
    .toBe(true);
  controller.abort();
  expect(await waiting).toEqual([]);
  await source.close();
  await source.close();
});

it.each([
  ['ioredis 6', () => new Redis(server.url, { lazyConnect: true })],
  ['ioredis 5', () => new Redis5(server.url, { lazyConnect: true })],
] as const)('takes over the settings of a client of %s, which stays as it is', async (_, make) => {
  const { prefix, options } = sourcePlace(server.url);
  await publish(server.url, prefix, ['m1']);
  const client = make();
  onTestFinished(() => client.disconnect());
  const { url: _url, ...rest } = options;
  const source = testSource({ ...rest, client });
  const deliveries = await receiveCount(source, 1);
  expect(idsOf(deliveries)).toEqual(['m1']);
  await source.acknowledge(deliveries);
  expect(client.status).toBe('wait');
});

it('says that Redis is not there, and works when it is', async () => {
  const own = await startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] });
  onTestFinished(() => own.remove());
  const prefix = testPrefix();
  const source = testSource({
    url: own.url,
    streams: [`${prefix}orders`],
    group: 'billing',
    connectTimeoutMs: 500,
    idleMs: 500,
    claimIntervalMs: 50,
  });
  await publish(own.url, prefix, ['m1', 'm2']);
  const [first] = await source.receive({ limit: 1, waitMs: 5_000 }, NEVER);
  await own.kill();
  await expect(source.receive({ limit: 1, waitMs: 100 }, NEVER)).rejects.toMatchObject({
    code: 'TRANSPORT_UNAVAILABLE',
  });
  await expect(source.acknowledge([first as NonNullable<typeof first>])).rejects.toMatchObject({
    code: 'TRANSPORT_UNAVAILABLE',
  });
  await own.start();
  await expect
    .poll(
      async () =>
        source.acknowledge([first as NonNullable<typeof first>]).then(
          () => true,
          () => false,
        ),
      {
        timeout: 10_000,
      },
    )
    .toBe(true);
  expect(idsOf(await receiveCount(source, 1))).toEqual(['m2']);
});
