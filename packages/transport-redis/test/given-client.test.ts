import { Cluster, Redis } from 'ioredis';
import { Cluster as Cluster5, Redis as Redis5 } from 'ioredis-5';
import { describe, expect, it } from 'vitest';
import { type RedisClient, redisTransport } from '../src/index.ts';
import { message, quiet, series } from './support/messages.ts';
import { testProxy } from './support/proxy.ts';
import { clientOf, ownRedis } from './support/redis.ts';
import { open, statuses } from './support/transport.ts';

const RIGHT = {
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
} as const;
const LAZY = { lazyConnect: true } as const;
const NODES = [{ host: '127.0.0.1', port: 1 }];
const NODE_OPTIONS = { autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0 } as const;

/** Compiles only while the clients of both versions fit the interface. */
const CLIENTS: readonly (readonly [string, (wrong: object) => RedisClient])[] = [
  ['Redis 6', (wrong) => new Redis({ ...LAZY, ...RIGHT, ...wrong })],
  ['Redis 5', (wrong) => new Redis5({ ...LAZY, ...RIGHT, ...wrong })],
];
const CLUSTERS: readonly (readonly [string, (wrong: object, prefix?: string) => RedisClient])[] = [
  [
    'Cluster 6',
    (wrong, keyPrefix = '') =>
      new Cluster(NODES, { ...LAZY, keyPrefix, redisOptions: { ...NODE_OPTIONS, ...wrong } }),
  ],
  [
    'Cluster 5',
    (wrong, keyPrefix = '') =>
      new Cluster5(NODES, { ...LAZY, keyPrefix, redisOptions: { ...NODE_OPTIONS, ...wrong } }),
  ],
];

describe.each(CLIENTS)("a client of the caller's own, %s", (_, make) => {
  it('is taken with the right settings', () => {
    expect(() => redisTransport({ client: make({}) })).not.toThrow();
  });

  it.each([
    [{ enableOfflineQueue: true }, 'enableOfflineQueue: false'],
    [{ autoResendUnfulfilledCommands: true }, 'autoResendUnfulfilledCommands: false'],
    [{ maxRetriesPerRequest: 20 }, 'maxRetriesPerRequest: 0'],
    [{ maxRetriesPerRequest: null }, 'maxRetriesPerRequest: 0'],
    [{ keyPrefix: 'x:' }, 'keyPrefix: none (use the option "prefix" of the transport)'],
    [{ readOnly: true }, 'readOnly: false'],
  ])('is refused with %j, and told what to change', (wrong, remedy) => {
    const client = make({ ...wrong });
    expect(() => redisTransport({ client })).toThrow(TypeError);
    expect(() => redisTransport({ client })).toThrow(`must be created with ${remedy}: `);
  });

  it('is refused with the default settings, all of which are named', () => {
    const client = make({
      enableOfflineQueue: undefined,
      autoResendUnfulfilledCommands: undefined,
      maxRetriesPerRequest: undefined,
    });
    expect(() => redisTransport({ client })).toThrow(
      'enableOfflineQueue: false, autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0',
    );
  });
});

describe.each(CLUSTERS)("a client of the caller's own, %s", (_, make) => {
  it('is taken with the right settings', () => {
    expect(() => redisTransport({ client: make({}) })).not.toThrow();
  });

  it('is refused otherwise, and told what to change', () => {
    expect(() => redisTransport({ client: make({ autoResendUnfulfilledCommands: true }) })).toThrow(
      'redisOptions: autoResendUnfulfilledCommands: false',
    );
    expect(() => redisTransport({ client: make({ maxRetriesPerRequest: null }) })).toThrow(
      'redisOptions: maxRetriesPerRequest: 0',
    );
    expect(() => redisTransport({ client: make({}, 'x:') })).toThrow('keyPrefix: none');
  });
});

it.each<[unknown]>([[null], [7], ['redis://localhost'], [{}], [new Map()], [{ options: {}, on() {} }]])(
  'is not %j',
  (client) => {
    expect(() => redisTransport({ client: client as RedisClient })).toThrow(
      'must be a Redis or Cluster of ioredis 5 or 6',
    );
  },
);

describe.each([
  ['6', (port: number) => new Redis(port, { ...RIGHT, ...LAZY, stringNumbers: true })],
  ['5', (port: number) => new Redis5(port, { ...RIGHT, ...LAZY, stringNumbers: true })],
] as const)('with a client of ioredis %s', (_, make) => {
  it('messages are sent, and the client stays open', async () => {
    const server = await ownRedis();
    const client = make(server.port);
    const transport = open({ client });
    expect(statuses(await transport.publish(series(3, 'given'), quiet()))).toEqual([
      'accepted',
      'accepted',
      'accepted',
    ]);
    await transport.close();
    expect(await client.ping()).toBe('PONG');
    expect(
      ['close', 'end', 'ready', 'connecting', 'error'].map((event) => client.listenerCount(event)),
    ).toEqual([0, 0, 0, 0, 0]);
    client.disconnect();
  });

  it('a time limit that passes leaves the connection to its owner, and it is used again', async () => {
    const server = await ownRedis();
    const proxy = await testProxy(server.port);
    const client = make(proxy.port);
    const transport = open({ client, commandTimeoutMs: 100 });
    await transport.publish([message()], quiet());
    const other = clientOf(server.url);
    await other.call('CLIENT', 'PAUSE', '600000', 'WRITE');
    expect(statuses(await transport.publish([message()], quiet()))).toEqual(['unknown']);
    await other.call('CLIENT', 'UNPAUSE');
    expect(statuses(await transport.publish([message()], quiet()))).toEqual(['accepted']);
    expect(proxy.connections).toBe(1);
    client.disconnect();
  });

  it('that was closed by its owner the broker is unavailable', async () => {
    const server = await ownRedis();
    const client = make(server.port);
    const transport = open({ client });
    await transport.publish([message()], quiet());
    client.disconnect();
    await expect(transport.publish([message()], quiet())).rejects.toMatchObject({
      code: 'TRANSPORT_UNAVAILABLE',
    });
  });
});
