import { defineTransportConformance } from '@outrelay/conformance';
import { note, startRedis } from '@outrelay/servers';
import { Redis } from 'ioredis';
import { afterAll, describe, it } from 'vitest';
import { HARNESS_ARGS, redisHarness } from './support/harness.ts';

const server = await startRedis({ args: HARNESS_ARGS, binary: process.env['OUTRELAY_TEST_REDIS_BINARY'] });
afterAll(() => server.remove());
note({ kind: 'server', server: 'Redis', version: server.version });

defineTransportConformance({ describe, it, harness: redisHarness(() => server) });

const client = new Redis(server.port);
const [waitAof] = (await client.command('INFO', 'WAITAOF')) as readonly unknown[];
client.disconnect();
if (waitAof === null) note({ kind: 'skip', reason: 'the clauses of waitAof: no WAITAOF before Redis 7.2' });
else {
  const durable = redisHarness(() => server, { waitAof: { timeoutMs: 10_000 } });
  defineTransportConformance({ describe, it, harness: durable });
}
