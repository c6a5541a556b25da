import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { SourceHarness, SourcePlace } from '@outrelay/conformance';
import type { MessageSource } from '@outrelay/core';
import { Redis } from 'ioredis';
import { type RedisSourceOptions, redisSource, redisTransport, sourceCapabilities } from '../../src/index.ts';
import { brokerPowers } from './broker-powers.ts';
import { PASSWORD } from './harness.ts';
import { startProxy } from './proxy.ts';
import type { OwnRedis } from './redis.ts';

const COMMAND_TIMEOUT_MS = 1_500;
/** How long a read blocks beside. */
const BLOCK_MS = 500;
const TAKEOVER_MS = 1_000;
const HOUR_MS = 3_600_000;
const GROUP = 'first';

/** A stream on the server, and the way to it. */
interface Place extends SourcePlace {
  readonly stream: string;
  readonly admin: Redis;
  readonly proxy: Awaited<ReturnType<typeof startProxy>>;
  readonly idleMs: number;
  readonly open: (options: Partial<RedisSourceOptions>) => MessageSource;
}

/** The harness of a real server, started with the arguments of the transport's harness. */
export function redisSourceHarness(server: () => OwnRedis): SourceHarness<Place> {
  return {
    kind: 'source',
    name: 'redisSource',
    capabilities: sourceCapabilities,
    takeoverMs: TAKEOVER_MS,
    async open({ takeover }) {
      const { port } = server();
      const prefix = `${randomUUID()}:`;
      const stream = `${prefix}orders`;
      const admin = new Redis(port, { retryStrategy: () => 20 });
      admin.on('error', () => undefined);
      const proxy = await startProxy(port);
      const url = `redis://relay:${PASSWORD}@127.0.0.1:${proxy.port}`;
      const transport = redisTransport({ url: `redis://127.0.0.1:${port}`, prefix });
      const idleMs = takeover === 'soon' ? TAKEOVER_MS : HOUR_MS;
      const open = (options: Partial<RedisSourceOptions>): MessageSource =>
        redisSource({
          url,
          streams: [stream],
          group: GROUP,
          idleMs,
          claimIntervalMs: 20,
          connectTimeoutMs: 1_000,
          commandTimeoutMs: COMMAND_TIMEOUT_MS,
          ...options,
        });
      return {
        stream,
        admin,
        proxy,
        idleMs,
        open,
        connect: () => open({}),
        async publish(messages) {
          const sent = messages.map((message) => ({ ...message, topic: 'orders' }));
          const results = await transport.publish(sent, new AbortController().signal);
          const failed = results.find(({ status }) => status !== 'accepted');
          if (failed !== undefined) throw new Error(`A message was not published: ${failed.status}.`);
        },
        async remove() {
          await transport.close();
          await admin.del(stream, `${stream}.dead`);
          admin.disconnect();
          await proxy.close();
        },
      };
    },
    powers: {
      connectGroup: ({ open }, { name: group, start }) => open({ group, start }),
      async publishForeign({ admin, stream }) {
        await admin.xadd(stream, '*', 'something', 'else');
      },
      async kept({ admin, stream }) {
        const entries = await admin.xrange(`${stream}.dead`, '-', '+');
        return entries.map(([, fields]) => {
          const valueOf = (field: string): string | null => {
            const at = fields.indexOf(field);
            return at === -1 ? null : (fields[at + 1] ?? null);
          };
          return {
            id: valueOf('id'),
            reason: valueOf('dead-reason') ?? '',
            error: valueOf('dead-error') ?? '',
          };
        });
      },
      async takeAndDie({ stream, idleMs }, count) {
        const program = fileURLToPath(new URL('../programs/hold.mjs', import.meta.url));
        const url = `redis://127.0.0.1:${server().port}`;
        const child = fork(program, [url, stream, GROUP, String(idleMs)], { execArgv: [] });
        const ended = once(child, 'exit');
        let held = 0;
        const enough = new Promise<void>((resolve) => {
          child.on('message', () => {
            if (++held >= count) resolve();
          });
        });
        await Promise.race([enough, ended]);
        child.kill('SIGKILL');
        await ended;
      },
      ...brokerPowers(server),
      noticesDeathWithinMs: COMMAND_TIMEOUT_MS + BLOCK_MS,
      secrets: [PASSWORD],
    },
  };
}
