import { startRedisSentinel, until } from '@outrelay/servers';
import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { addReplica, addresses, holderOf, inStep, ownCluster, takeOver } from './support/cluster.ts';
import { verdict } from './support/ledger.ts';
import { message, quiet, series } from './support/messages.ts';
import { clientOf, ownRedis, received } from './support/redis.ts';
import { deliver } from './support/relay.ts';
import { open, statuses } from './support/transport.ts';

const KEYS = ['a', 'b', 'c', 'd', 'e'];
const LINK = ['--repl-ping-replica-period', '1', '--repl-diskless-sync-delay', '0'];

describe('a failover in a cluster', () => {
  it('by agreement, in the middle of many messages, loses none and keeps their order', async () => {
    const nodes = await ownCluster(3);
    const { node: primary } = await holderOf(nodes, 'orders');
    const replica = await addReplica(nodes, primary);
    const transport = open({ cluster: { nodes: addresses(nodes) }, chunkMessages: 50 });
    const sent = series(5_000, 'orders', KEYS);
    const failover: Promise<unknown>[] = [];
    await deliver(transport, sent, {
      batch: 250,
      progress(accepted) {
        if (accepted < 2_000 || failover.length > 0) return;
        failover.push(takeOver(replica));
      },
    });
    await Promise.all(failover);
    await until('the replica has taken over', async () =>
      expect(await replica.client.role()).toContain('master'),
    );
    await deliver(transport, [message({ topic: 'orders' })], { batch: 1 });
    const { lost, disordered } = verdict(sent, await received(replica.client, 'orders'));
    expect({ lost, disordered }).toEqual({ lost: [], disordered: [] });
  });

  it('after a kill is followed; what the replica had is kept', async () => {
    const nodes = await ownCluster(3);
    const { node: primary } = await holderOf(nodes, 'orders');
    const replica = await addReplica(nodes, primary);
    const transport = open({ cluster: { nodes: addresses(nodes) }, connectTimeoutMs: 500 });
    const sent = series(1_000, 'orders', KEYS);
    await deliver(transport, sent.slice(0, 500), { batch: 100 });
    await inStep(primary);
    await primary.server.kill();
    await deliver(transport, sent.slice(500), { batch: 100 });
    const { lost, disordered } = verdict(sent, await received(replica.client, 'orders'));
    expect({ lost, disordered }).toEqual({ lost: [], disordered: [] });
  });
});

describe('a failover by Sentinel', () => {
  async function sentinelSet() {
    const primary = await ownRedis(...LINK);
    const replicas = await Promise.all(
      [0, 1].map(() => ownRedis('--replicaof', `127.0.0.1 ${primary.port}`, ...LINK)),
    );
    const client = clientOf(primary.url);
    await until('the replicas are in step', async () => expect(await client.wait(2, 1)).toBe(2));
    const sentinels = await Promise.all(
      [0, 1, 2].map(() => startRedisSentinel({ name: 'shop', primaryPort: primary.port, quorum: 2 })),
    );
    onTestFinished(async () => {
      await Promise.all(sentinels.map((sentinel) => sentinel.remove()));
    });
    const asked = sentinels.map(({ port }) => new Redis(port, { retryStrategy: null }));
    onTestFinished(() => {
      for (const each of asked) each.disconnect();
    });
    await until('the Sentinels know everybody', async () => {
      for (const each of asked) {
        expect(await each.call('SENTINEL', 'CKQUORUM', 'shop')).toContain('OK 3 usable');
        expect(await each.call('SENTINEL', 'REPLICAS', 'shop')).toHaveLength(2);
      }
    });
    const nodes = sentinels.map(({ port }) => ({ host: '127.0.0.1', port }));
    return { primary, replicas, asked: asked[0] as Redis, nodes };
  }

  async function primaryOf(asked: Redis): Promise<Redis> {
    const [, port] = (await asked.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'shop')) as [string, string];
    return clientOf(`redis://127.0.0.1:${port}`);
  }

  it('loses nothing that one of two replicas had received, and keeps its order', async () => {
    const { primary, asked, nodes } = await sentinelSet();
    const transport = open({
      sentinel: { name: 'shop', nodes },
      wait: { replicas: 1, timeoutMs: 2_000 },
      connectTimeoutMs: 2_000,
      chunkMessages: 50,
    });
    const sent = series(4_000, 'orders', KEYS);
    const killing: Promise<void>[] = [];
    const report = await deliver(transport, sent, {
      batch: 200,
      progress(accepted) {
        if (accepted >= 1_500 && killing.length === 0) killing.push(primary.kill());
      },
    });
    await Promise.all(killing);
    const client = await primaryOf(asked);
    expect(await client.role()).toContain('master');
    const { lost, disordered, duplicates } = verdict(sent, await received(client, 'orders'));
    expect({ lost, disordered }).toEqual({ lost: [], disordered: [] });
    expect(duplicates).toBeLessThanOrEqual(report.seen.get('unknown') ?? 0);
  });

  it('while the old primary lives on is followed', async () => {
    const { primary, replicas, asked, nodes } = await sentinelSet();
    const transport = open({ sentinel: { name: 'shop', nodes }, connectTimeoutMs: 2_000 });
    await deliver(transport, series(10, 'orders'), { batch: 10 });
    await asked.call('SENTINEL', 'FAILOVER', 'shop');
    await until('the transport has changed over', async () => {
      const lists = await Promise.all(replicas.map(({ url }) => clientOf(url).client('LIST')));
      expect(lists.join('\n')).toContain('name=outrelay');
    });
    expect(await clientOf(primary.url).ping()).toBe('PONG');
    const after = series(10, 'after', ['k']);
    await deliver(transport, after, { batch: 10 });
    expect(verdict(after, await received(await primaryOf(asked), 'after'))).toEqual({
      lost: [],
      duplicates: 0,
      disordered: [],
    });
  });

  it('is waited for no longer than the time limit when no Sentinel answers', async () => {
    const transport = open({
      sentinel: { name: 'shop', nodes: [{ host: '127.0.0.1', port: 1 }] },
      connectTimeoutMs: 200,
    });
    const publishing = transport.publish([message()], quiet());
    await expect(publishing).rejects.toMatchObject({ code: 'TRANSPORT_UNAVAILABLE' });
    await expect(publishing).rejects.toThrow(
      'The primary "shop" cannot be reached: All sentinels are unreachable',
    );
    expect(statuses(await transport.publish([message()], AbortSignal.abort()))).toEqual(['withheld']);
  });
});
