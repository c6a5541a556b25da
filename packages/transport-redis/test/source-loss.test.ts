import { startRedis } from '@outrelay/servers';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { redisSource } from '../src/index.ts';
import type { OwnRedis } from './support/redis.ts';
import { idsOf, publish, receiveCount, receiveNow, sourcePlace, testSource } from './support/sources.ts';

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

it('tells of entries that were trimmed in dead hands, and goes on', async () => {
  const { prefix, stream, options } = sourcePlace(server.url);
  await publish(server.url, prefix, ['m1', 'm2', 'm3']);
  const dead = redisSource({ ...options, idleMs: 50, consumer: 'dead' });
  await receiveCount(dead, 3);
  const ids = (await admin.xrange(stream, '-', '+')).map(([id]) => id);
  await admin.xtrim(stream, 'MAXLEN', 1);
  const lost: string[] = [];
  const source = testSource({
    ...options,
    idleMs: 50,
    claimIntervalMs: 10,
    onTrimmed: (_, gone) => lost.push(...gone),
  });
  // Gives back what it has, of which two are gone.
  await dead.close();
  expect(idsOf(await receiveCount(source, 1))).toEqual(['m3']);
  await publish(server.url, prefix, ['m4']);
  expect(idsOf(await receiveCount(source, 1))).toEqual(['m4']);
  await expect
    .poll(async () => {
      await receiveNow(source);
      return (await admin.xpending(stream, 'billing'))[0];
    })
    .toBe(2);
  // Redis 7 names them when it is asked for what is idle; a release may have removed them before.
  expect(ids.slice(0, 2)).toEqual(expect.arrayContaining(lost));
});

it('goes on when the stream was deleted', async () => {
  const { prefix, stream, options } = sourcePlace(server.url);
  await publish(server.url, prefix, ['m1']);
  const source = testSource({ ...options, start: 'new' });
  expect(await receiveNow(source)).toEqual([]);
  await admin.del(stream);
  await publish(server.url, prefix, ['m2']);
  const [delivery] = await receiveCount(source, 1);
  expect(delivery?.message?.id).toBe('m2');
  await source.acknowledge([delivery as NonNullable<typeof delivery>]);
});

it('goes on when the stream was deleted while a read waited for it', async () => {
  const { prefix, stream, options } = sourcePlace(server.url);
  await publish(server.url, prefix, ['m1']);
  const source = testSource(options);
  await source.acknowledge(await receiveCount(source, 1));
  const waiting = source.receive({ limit: 1, waitMs: 600_000 }, NEVER);
  await expect
    .poll(async () => ((await admin.client('LIST')) as string).includes('cmd=xreadgroup'))
    .toBe(true);
  await admin.del(stream);
  await publish(server.url, prefix, ['m2']);
  expect(idsOf(await waiting)).toEqual(['m2']);
});
