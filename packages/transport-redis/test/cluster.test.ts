import { randomUUID } from 'node:crypto';
import { until } from '@outrelay/servers';
import { Cluster } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { slotOf } from '../src/slot.ts';
import { addresses, type Node, ownCluster } from './support/cluster.ts';
import { message, quiet, series } from './support/messages.ts';
import { type Proxy, testProxy } from './support/proxy.ts';
import { payloads } from './support/redis.ts';
import { deliver } from './support/relay.ts';
import { errorIn, open, statuses } from './support/transport.ts';

const THREE = [0, 1, 2] as const;
/** Streams on the first, second and third node of three. */
const STREAMS = THREE.map((at) => {
  for (let n = 0; ; n++) if (Math.floor((slotOf(`s${n}`) * 3) / 16_384) === at) return `s${n}`;
});

function batch(count: number) {
  return series(count, '', ['a', 'b']).map((each, at) => ({ ...each, topic: STREAMS[at % 3] as string }));
}

describe('a cluster', () => {
  it('has streams on all its nodes', async () => {
    const nodes = await ownCluster(3);
    const transport = open({ cluster: { nodes: addresses(nodes).slice(0, 1) }, chunkMessages: 100 });
    const sent = batch(3_000);
    const topics = Array.from({ length: 300 }, () => message({ topic: randomUUID() }));
    const results = await transport.publish([...sent, ...topics], quiet());
    expect(new Set(statuses(results))).toEqual(new Set(['accepted']));
    for (const at of THREE) {
      const { client } = nodes[at] as Node;
      const expected = sent.filter((_, index) => index % 3 === at).map(({ payload }) => payload);
      expect(await payloads(client, STREAMS[at] as string)).toEqual(expected);
    }
    const names = [...topics.map(({ topic }) => topic), 'bestellung.größe', '{a}b', 'a{}b{c}', '', '}{'];
    const { client } = nodes[0] as Node;
    const slots = await Promise.all(names.map((name) => client.call('CLUSTER', 'KEYSLOT', name)));
    expect(names.map(slotOf)).toEqual(slots);
  });

  it('goes on without one of its nodes where its settings allow that', async () => {
    const nodes = await ownCluster(3, '--cluster-require-full-coverage', 'no');
    const transport = open({ cluster: { nodes: addresses(nodes) } });
    await deliver(transport, batch(6), { batch: 6 });
    await nodes[1]?.server.kill();
    const expected = ['accepted', 'failed', 'accepted', 'accepted', 'failed', 'accepted'];
    await until('the others have noticed', async () =>
      expect(statuses(await transport.publish(batch(6), quiet()))).toEqual(expected),
    );
    await expect(transport.connectivity?.check(quiet())).resolves.toBeUndefined();
    await nodes[1]?.server.start();
    await deliver(transport, batch(6), { batch: 6 });
  });

  it('is unavailable without one of its nodes where it has to be whole', async () => {
    const nodes = await ownCluster(3);
    const transport = open({ cluster: { nodes: addresses(nodes) } });
    await deliver(transport, batch(6), { batch: 6 });
    await nodes[1]?.server.kill();
    await until('the others have noticed', () =>
      expect(transport.publish(batch(6), quiet())).rejects.toThrow('CLUSTERDOWN The cluster is down'),
    );
    await expect(transport.connectivity?.check(quiet())).rejects.toThrow(
      'the state of the cluster is "fail"',
    );
    await nodes[1]?.server.start();
    await until('it is whole again', () => transport.connectivity?.check(quiet()));
    await deliver(transport, batch(6), { batch: 6 });
  });

  it('is unavailable when it is down, and found again', async () => {
    const nodes = await ownCluster(3);
    const transport = open({ cluster: { nodes: addresses(nodes) }, connectTimeoutMs: 500 });
    await transport.publish(batch(3), quiet());
    await Promise.all(nodes.map(({ server }) => server.kill()));
    for (let call = 0; call < 2; call++) {
      await until('that is noticed', () =>
        expect(transport.publish(batch(3), quiet())).rejects.toMatchObject({ code: 'TRANSPORT_UNAVAILABLE' }),
      );
    }
    await expect(transport.connectivity?.check(quiet())).rejects.toMatchObject({
      code: 'TRANSPORT_UNAVAILABLE',
    });
    await Promise.all(nodes.map(({ server }) => server.start()));
    await until('it is back', () => transport.connectivity?.check(quiet()));
    await deliver(transport, batch(6), { batch: 6 });
  });

  it('is unavailable when nobody listens', async () => {
    const transport = open({ cluster: { nodes: [{ host: '127.0.0.1', port: 1 }] }, connectTimeoutMs: 500 });
    await expect(transport.publish(batch(3), quiet())).rejects.toMatchObject({
      code: 'TRANSPORT_UNAVAILABLE',
    });
    const aborted = AbortSignal.abort();
    expect(statuses(await transport.publish(batch(3), aborted))).toEqual([
      'withheld',
      'withheld',
      'withheld',
    ]);
  });

  it('is not one server: messages for other nodes fail, and say what to do', async () => {
    const nodes = await ownCluster(3);
    const transport = open({ url: nodes[0]?.server.url });
    const results = await transport.publish(batch(3), quiet());
    expect(statuses(results)).toEqual(['accepted', 'failed', 'failed']);
    expect(errorIn(results[1])).toContain('give the nodes in the option "cluster"');
  });

  it('is reached under other addresses than it announces', async () => {
    const nodes = await ownCluster(3);
    const proxies = await Promise.all(nodes.map(({ port }) => testProxy(port)));
    const natMap = Object.fromEntries(
      nodes.map(({ port }, at) => [
        `127.0.0.1:${port}`,
        { host: '127.0.0.1', port: (proxies[at] as Proxy).port },
      ]),
    );
    const first = [{ host: '127.0.0.1', port: (proxies[0] as Proxy).port }];
    for (const map of [natMap, (address: string) => natMap[address] ?? null]) {
      const transport = open({ cluster: { nodes: first, natMap: map } });
      expect(new Set(statuses(await transport.publish(batch(30), quiet())))).toEqual(new Set(['accepted']));
    }
    for (const { connections } of proxies) expect(connections).toBeGreaterThan(1);
  });

  it('finds silently dead connections to its nodes', async () => {
    const nodes = await ownCluster(3);
    const proxies = await Promise.all(nodes.map(({ port }) => testProxy(port)));
    const natMap = Object.fromEntries(
      nodes.map(({ port }, at) => [
        `127.0.0.1:${port}`,
        { host: '127.0.0.1', port: (proxies[at] as Proxy).port },
      ]),
    );
    const first = [{ host: '127.0.0.1', port: (proxies[0] as Proxy).port }];
    const transport = open({ cluster: { nodes: first, natMap }, commandTimeoutMs: 200 });
    await transport.publish(batch(6), quiet());
    proxies[1]?.freeze();
    expect(statuses(await transport.publish(batch(3), quiet()))).toEqual(['accepted', 'unknown', 'accepted']);
    await deliver(transport, batch(3), { batch: 3 });
  });

  it("takes a client of the caller's own, and leaves it open", async () => {
    const nodes = await ownCluster(3);
    const client = new Cluster([...addresses(nodes)], {
      redisOptions: { autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0 },
    });
    const transport = open({ client });
    expect(new Set(statuses(await transport.publish(batch(30), quiet())))).toEqual(new Set(['accepted']));
    await transport.close();
    expect(await client.set('still', 'open')).toBe('OK');
    client.disconnect();
  });
});
