import { randomUUID } from 'node:crypto';
import type { BrokerAccess, Provocation, TransportHarness } from '@outrelay/conformance';
import { Redis } from 'ioredis';
import {
  capabilities,
  parseStreamEntry,
  type RedisTransportOptions,
  redisTransport,
} from '../../src/index.ts';
import { brokerPowers } from './broker-powers.ts';
import { startProxy } from './proxy.ts';
import type { OwnRedis } from './redis.ts';

const COMMAND_TIMEOUT_MS = 3_000;
export const PASSWORD = 's3cret-of-the-relay';
/** Arguments of a server that the harness works with. */
export const HARNESS_ARGS: readonly string[] = [
  ...['--appendonly', 'yes', '--appendfsync', 'always'],
  ...['--user', 'relay', 'on', `>${PASSWORD}`, '~*', '+@all'],
];

/** A prefix of streams on the server, and the way to it. */
interface Place extends BrokerAccess {
  readonly prefix: string;
  readonly admin: Redis;
  readonly proxy: Awaited<ReturnType<typeof startProxy>>;
}

/** Treats every message of a topic badly until it is lifted. */
function whole(lift: () => Promise<unknown>): Provocation {
  return { message: {}, scope: 'topic', lift: async () => void (await lift()) };
}

async function pause({ admin }: Place): Promise<Provocation> {
  await admin.call('CLIENT', 'PAUSE', '600000', 'WRITE');
  return whole(() => admin.call('CLIENT', 'UNPAUSE'));
}

/**
 * The harness of a real server, started with {@link HARNESS_ARGS}, whose faults are real as well: settings that
 * refuse, paused writes, kills, and a proxy that goes silent.
 *
 * @param extra - options of the transports beside the address
 */
export function redisHarness(
  server: () => OwnRedis,
  extra: RedisTransportOptions = {},
): TransportHarness<Place> {
  return {
    kind: 'transport',
    name: `transport-redis${extra.waitAof === undefined ? '' : ' with waitAof'}`,
    capabilities: { ...capabilities, confirmation: extra.waitAof === undefined ? 'received' : 'durable' },
    facets: ['connectivity'],
    deviations: [
      {
        clause: 'T3.3',
        case: 'after one that is unknown',
        reason:
          'a chunk is sent in one piece and stored up to its first refusal: without an answer its later messages may be stored as well, in order, and T1.6 wants those unknown',
        issue: 'docs/adr/0010-redis-transactions.md',
      },
    ],
    async open() {
      const { port } = server();
      const prefix = `${randomUUID()}:`;
      const admin = new Redis(port, { retryStrategy: () => 20 });
      admin.on('error', () => undefined);
      const proxy = await startProxy(port);
      const url = `redis://relay:${PASSWORD}@127.0.0.1:${proxy.port}`;
      return {
        prefix,
        admin,
        proxy,
        connect: () => redisTransport({ url, prefix, commandTimeoutMs: COMMAND_TIMEOUT_MS, ...extra }),
        destination: (label) => Promise.resolve(label),
        received: () => readStreams(admin, prefix),
        async remove() {
          admin.disconnect();
          await proxy.close();
        },
      };
    },
    powers: {
      async provokeRejection({ admin }) {
        await admin.config('SET', 'proto-max-bulk-len', '1mb');
        return {
          message: { payload: 'x'.repeat(1_048_577) },
          scope: 'message',
          lift: async () => void (await admin.config('SET', 'proto-max-bulk-len', '512mb')),
        };
      },
      async provokeFailure({ admin, prefix }, topic) {
        await admin.set(prefix + topic, 'not a stream');
        return whole(() => admin.del(prefix + topic));
      },
      provokeSilence: pause,
      provokeHang: pause,
      ...brokerPowers(server),
      noticesDeathWithinMs: COMMAND_TIMEOUT_MS,
      async missingDestination({ admin, prefix }) {
        await admin.set(`${prefix}not-a-stream`, 'something else');
        return 'not-a-stream';
      },
      secrets: [PASSWORD],
      reservedHeaders: ['created-at', 'deduplication-id', 'headers', '*', 'MAXLEN', 'NOMKSTREAM'],
    },
  };
}

/** Everything under a prefix in order of arrival, read without the transport; keys that are no streams are left out. */
async function readStreams(admin: Redis, prefix: string) {
  const entries: { at: readonly number[]; topic: string; fields: Buffer[] }[] = [];
  for (const key of await admin.keys(`${prefix}*`)) {
    if ((await admin.type(key)) !== 'stream') continue;
    for (const [id, fields] of await admin.xrangeBuffer(key, '-', '+')) {
      entries.push({ at: id.toString().split('-').map(Number), topic: key.slice(prefix.length), fields });
    }
  }
  entries.sort(
    (one, other) => (one.at[0] ?? 0) - (other.at[0] ?? 0) || (one.at[1] ?? 0) - (other.at[1] ?? 0),
  );
  return entries.map(({ topic, fields }) => {
    const { id, key, headers, payload, contentType } = parseStreamEntry(fields);
    return { id, topic, key, headers, payload: payload as Uint8Array | null, contentType };
  });
}
