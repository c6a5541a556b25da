import { defineSourceConformance } from '@outrelay/conformance';
import { note, startRedis } from '@outrelay/servers';
import { afterAll, describe, it } from 'vitest';
import { HARNESS_ARGS } from './support/harness.ts';
import { redisSourceHarness } from './support/source-harness.ts';

const server = await startRedis({ args: HARNESS_ARGS, binary: process.env['OUTRELAY_TEST_REDIS_BINARY'] });
afterAll(() => server.remove());
note({ kind: 'server', server: 'Redis', version: server.version });

defineSourceConformance({ describe, it, harness: redisSourceHarness(() => server) });
