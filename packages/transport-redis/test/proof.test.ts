import { note, until } from '@outrelay/servers';
import { describe, expect, it, type TestContext } from 'vitest';
import { waitAofProof, waitProof } from '../src/proof.ts';
import { message, quiet, series } from './support/messages.ts';
import { testProxy } from './support/proxy.ts';
import { clientOf, DURABLE, type OwnRedis, ownRedis } from './support/redis.ts';
import { deliver } from './support/relay.ts';
import { errorIn, open, statuses } from './support/transport.ts';

const WAIT = { replicas: 1, timeoutMs: 200 };
const UNAVAILABLE = { code: 'TRANSPORT_UNAVAILABLE' };
const LINK = ['--repl-ping-replica-period', '1', '--repl-diskless-sync-delay', '0'];

async function replicaOf(primary: OwnRedis, ...args: readonly string[]): Promise<OwnRedis> {
  const replica = await ownRedis('--replicaof', `127.0.0.1 ${primary.port}`, ...LINK, ...args);
  await inStep(primary);
  return replica;
}

async function inStep(primary: OwnRedis): Promise<void> {
  const client = clientOf(primary.url);
  await until('the replica is in step', async () => expect(await client.wait(1, 1)).toBe(1));
  client.disconnect();
}

async function offersWaitAof({ url }: OwnRedis, context: TestContext): Promise<void> {
  const [known] = (await clientOf(url).command('INFO', 'WAITAOF')) as readonly unknown[];
  if (known === null) note({ kind: 'skip', reason: 'no WAITAOF before Redis 7.2' });
  context.skip(known === null, 'no WAITAOF before Redis 7.2');
}

describe('asking for replicas', () => {
  it('accepts what they have received', async () => {
    const primary = await ownRedis(...LINK);
    const replica = await replicaOf(primary);
    const transport = open({ url: primary.url, wait: { replicas: 1, timeoutMs: 10_000 } });
    await expect(transport.connectivity?.check(quiet())).resolves.toBeUndefined();
    for (const topic of ['one', 'two']) {
      expect(new Set(statuses(await transport.publish(series(50, topic), quiet())))).toEqual(
        new Set(['accepted']),
      );
      expect(await clientOf(replica.url).xlen(topic)).toBe(50);
    }
  });

  it('sends nothing while there are too few', async () => {
    const primary = await ownRedis(...LINK);
    const transport = open({ url: primary.url, wait: WAIT });
    for (let call = 0; call < 2; call++) {
      const publishing = transport.publish([message({ topic: 'order' })], quiet());
      await expect(publishing).rejects.toMatchObject(UNAVAILABLE);
      await expect(publishing).rejects.toThrow(
        'WAIT does not hold before anything is sent: 0 of 1 replicas have it',
      );
    }
    await expect(transport.connectivity?.check(quiet())).rejects.toThrow('0 of 1 replicas');
    expect(await clientOf(primary.url).exists('order')).toBe(0);
    await replicaOf(primary);
    await deliver(transport, [message({ topic: 'order' })], { batch: 1 });
    expect(await clientOf(primary.url).xlen('order')).toBeGreaterThanOrEqual(1);
  });

  it('makes unknown what they do not receive, once, and then sends nothing until they are back', async () => {
    const primary = await ownRedis(...LINK);
    const proxy = await testProxy(primary.port);
    await ownRedis('--replicaof', `127.0.0.1 ${proxy.port}`, ...LINK);
    await inStep(primary);
    const client = clientOf(primary.url);
    const transport = open({ url: primary.url, wait: WAIT, chunkMessages: 2 });
    await deliver(transport, series(2, 'first'), { batch: 2 });
    proxy.freeze();
    const results = await transport.publish(series(5, 'order', ['a', 'b']), quiet());
    expect(statuses(results)).toEqual(['unknown', 'unknown', 'withheld', 'withheld', 'withheld']);
    expect(errorIn(results[0])).toContain(
      'has the messages, but not as safe as was asked for: 0 of 1 replicas have it',
    );
    for (let call = 0; call < 3; call++) {
      await expect(transport.publish(series(5, 'order'), quiet())).rejects.toMatchObject(UNAVAILABLE);
    }
    expect(await client.xlen('order')).toBe(2);
    proxy.cut();
    await until('the replica is back', () => transport.connectivity?.check(quiet()));
    await deliver(transport, series(1, 'order'), { batch: 1 });
  });
});

describe('asking for disks', () => {
  it('sends nothing to a server that cannot tell', async (context) => {
    const { url } = await ownRedis();
    const [known] = (await clientOf(url).command('INFO', 'WAITAOF')) as readonly unknown[];
    context.skip(known !== null, 'this Redis has WAITAOF');
    const transport = open({ url, waitAof: {} });
    const publishing = transport.publish([message({ topic: 'order' })], quiet());
    await expect(publishing).rejects.toMatchObject(UNAVAILABLE);
    await expect(publishing).rejects.toThrow(/unknown command .?WAITAOF/);
    expect(await clientOf(url).exists('order')).toBe(0);
  });

  it('sends nothing to a server without an append-only file', async (context) => {
    const server = await ownRedis();
    await offersWaitAof(server, context);
    const transport = open({ url: server.url, waitAof: {} });
    await expect(transport.publish([message({ topic: 'order' })], quiet())).rejects.toThrow(
      'appendonly is disabled',
    );
    expect(await clientOf(server.url).exists('order')).toBe(0);
  });

  it('accepts what survives a kill, without fsync for every write', async (context) => {
    const server = await ownRedis('--appendonly', 'yes', '--appendfsync', 'everysec');
    await offersWaitAof(server, context);
    const transport = open({ url: server.url, waitAof: { timeoutMs: 5_000 } });
    expect(transport.capabilities.confirmation).toBe('durable');
    expect(new Set(statuses(await transport.publish(series(500, 'order'), quiet())))).toEqual(
      new Set(['accepted']),
    );
    await server.kill();
    await server.start();
    expect(await clientOf(server.url).xlen('order')).toBe(500);
  });

  it('counts the disks of replicas', async (context) => {
    const primary = await ownRedis(...LINK, ...DURABLE);
    await offersWaitAof(primary, context);
    const replica = await replicaOf(primary, ...DURABLE);
    const transport = open({ url: primary.url, waitAof: { replicas: 1, timeoutMs: 2_000 } });
    await until('the replica has its file', () => transport.connectivity?.check(quiet()));
    expect(statuses(await transport.publish(series(3, 'order'), quiet()))).toEqual(Array(3).fill('accepted'));
    await replica.kill();
    const transient = open({ url: primary.url, waitAof: { replicas: 1, timeoutMs: 100 } });
    await expect(transient.publish(series(3, 'order'), quiet())).rejects.toThrow('0 of 1 replicas');
  });
});

describe('the reading of a proof', () => {
  it.each([
    [[null, 2], null],
    [[null, '3'], null],
    [[null, 1], '1 of 2 replicas have it'],
    [[new Error('UNBLOCKED force unblock')], 'UNBLOCKED force unblock'],
  ] as const)('of WAIT %j', (reply, missing) => {
    expect(waitProof(2, 100).missing(reply)).toBe(missing);
  });

  it.each([
    [[null, [1, 1]], null],
    [[null, ['1', '2']], null],
    [[null, [0, 1]], 'the primary has not it on disk, and 1 of 1 replicas'],
    [[null, [1, 0]], 'the primary has it on disk, and 0 of 1 replicas'],
    [[null, null], 'the answer was not understood'],
    [[new Error('no answer')], 'no answer'],
  ] as const)('of WAITAOF %j', (reply, missing) => {
    expect(waitAofProof(1, 100).missing(reply)).toBe(missing);
  });
});
