import type { SourceDelivery, Transport } from '@outrelay/core';
import { until } from '@outrelay/servers';
import { Cluster } from 'ioredis';
import { Cluster as Cluster5 } from 'ioredis-5';
import { expect, it, onTestFinished } from 'vitest';
import { redisSource } from '../src/index.ts';
import { slotOf } from '../src/slot.ts';
import { addReplica, addresses, holderOf, inStep, mover, type Node, ownCluster } from './support/cluster.ts';
import { quiet } from './support/messages.ts';
import { deliver } from './support/relay.ts';
import { idsOf, receiveCount, receiveNow, sent, testSource } from './support/sources.ts';
import { open } from './support/transport.ts';

/** Streams on the first, second and third node of three, and one more on the first. */
const [FIRST, SECOND, THIRD, FOURTH] = [0, 1, 2, 0].map((at, no) => {
  for (let n = 0; ; n++) if (Math.floor((slotOf(`${no}-${n}`) * 3) / 16_384) === at) return `${no}-${n}`;
}) as [string, string, string, string];

const TIMES = { idleMs: 1_000, claimIntervalMs: 50, connectTimeoutMs: 1_000, commandTimeoutMs: 1_000 };

function optionsOf(nodes: readonly Node[], streams: string[] = [FIRST, SECOND, THIRD, FOURTH]) {
  return { cluster: { nodes: addresses(nodes) }, streams, group: 'billing', ...TIMES };
}

async function publish(transport: Transport, stream: string, ids: readonly string[]): Promise<void> {
  await deliver(
    transport,
    ids.map((id) => sent(id, { topic: stream })),
    { batch: 50 },
  );
}

/** Receives and acknowledges until all of these have come, whatever fails in between: an answer may be lost as well. */
async function consume(source: ReturnType<typeof redisSource>, ids: string[]): Promise<void> {
  const found = new Set<string | undefined>();
  const inHand: SourceDelivery[] = [];
  await until(
    'everything has come',
    async () => {
      inHand.push(...(await source.receive({ limit: 10, waitMs: 100 }, quiet())));
      for (const id of idsOf(inHand)) found.add(id);
      await source.acknowledge(inHand);
      inHand.length = 0;
      expect([...found]).toEqual(expect.arrayContaining(ids));
    },
    () => null,
    60_000,
  );
}

it('reads streams on all nodes of a cluster, keeps what is rejected, and gives back the rest', async () => {
  const nodes = await ownCluster(3);
  const transport = open({ cluster: { nodes: addresses(nodes) } });
  const source = redisSource(optionsOf(nodes));
  const waiting = source.receive({ limit: 1, waitMs: 60_000 }, quiet());
  const ids: string[] = [];
  for (const stream of [SECOND, FIRST, THIRD, FOURTH]) {
    const own = [1, 2, 3].map((no) => `${stream}/${no}`);
    await publish(transport, stream, own);
    ids.push(...own);
  }
  const first = await waiting;
  expect(first).toHaveLength(1);
  const all = [...first, ...(await receiveCount(source, 11))];
  expect(new Set(idsOf(all))).toEqual(new Set(ids));
  for (const stream of [FIRST, SECOND, THIRD, FOURTH]) {
    const own = all.filter(({ message }) => message?.topic === stream);
    expect(idsOf(own)).toEqual(ids.filter((id) => id.startsWith(`${stream}/`)));
    await source.acknowledge(own.slice(0, 1));
    const [, rejected] = own;
    if (rejected !== undefined)
      await source.reject([{ delivery: rejected, reason: 'rejected', error: 'no order' }]);
    const { node } = await holderOf(nodes, stream);
    expect(await node.client.xlen(`{${stream}}.dead`)).toBe(1);
    expect((await node.client.xpending(stream, 'billing'))[0]).toBe(1);
  }
  await source.close();
  const other = testSource(optionsOf(nodes));
  const again = await receiveCount(other, 4);
  expect(new Set(idsOf(again))).toEqual(new Set(ids.filter((id) => id.endsWith('/3'))));
  expect(again.map(({ deliveryCount }) => deliveryCount)).toEqual([2, 2, 2, 2]);
});

it('follows a slot that moves while a read waits and entries are in hands', async () => {
  const nodes = await ownCluster(3);
  const transport = open({ cluster: { nodes: addresses(nodes) } });
  const { slot, node: from } = await holderOf(nodes, FIRST);
  const to = nodes[(nodes.indexOf(from) + 1) % 3] as Node;
  const move = mover(slot, from, to, nodes);
  const source = testSource({ ...optionsOf(nodes, [FIRST, SECOND]), idleMs: 60_000 });
  await publish(transport, FIRST, ['m1', 'm2']);
  const held = await receiveCount(source, 2);
  await move.begin();
  const waiting = receiveCount(source, 1);
  await move.moveKey(FIRST);
  await publish(transport, FIRST, ['m3']);
  held.push(...(await waiting));
  await source.acknowledge(held.slice(0, 1));
  await move.finish();
  await publish(transport, FIRST, ['m4']);
  held.push(...(await receiveCount(source, 1)));
  expect(idsOf(held)).toEqual(['m1', 'm2', 'm3', 'm4']);
  await source.acknowledge(held);
  expect((await to.client.xpending(FIRST, 'billing'))[0]).toBe(0);
  expect(await receiveNow(source)).toEqual([]);
});

it('goes on with the replica of a node that was killed', async () => {
  const nodes = await ownCluster(3);
  const { node: primary } = await holderOf(nodes, FIRST);
  const replica = await addReplica(nodes, primary);
  const transport = open({ cluster: { nodes: addresses(nodes) }, connectTimeoutMs: 500 });
  const source = testSource(optionsOf(nodes));
  await publish(transport, FIRST, ['m1', 'm2', 'm3']);
  await publish(transport, SECOND, ['m4']);
  const held = await receiveCount(source, 2);
  await inStep(primary);
  await primary.server.kill();
  await publish(transport, FIRST, ['m5']);
  const ids = ['m1', 'm2', 'm3', 'm4', 'm5'];
  await consume(
    source,
    ids.filter((id) => !idsOf(held).includes(id)),
  );
  await source.acknowledge(held);
  expect((await replica.client.xpending(FIRST, 'billing'))[0]).toBe(0);
});

it('goes on without one of the nodes where the cluster does, and has its entries when it is back', async () => {
  const nodes = await ownCluster(3, '--cluster-require-full-coverage', 'no', '--appendonly', 'yes');
  const transport = open({ cluster: { nodes: addresses(nodes) }, connectTimeoutMs: 500 });
  const source = testSource(optionsOf(nodes));
  expect(await receiveNow(source)).toEqual([]);
  await publish(transport, SECOND, ['away']);
  await nodes[1]?.server.kill();
  await publish(transport, FIRST, ['m1', 'm2']);
  await publish(transport, THIRD, ['m3']);
  await consume(source, ['m1', 'm2', 'm3']);
  await nodes[1]?.server.start();
  await publish(transport, SECOND, ['back']);
  await consume(source, ['away', 'back']);
});

it.each([
  ['ioredis 6', (nodes: readonly Node[]) => new Cluster([...addresses(nodes)], { lazyConnect: true })],
  ['ioredis 5', (nodes: readonly Node[]) => new Cluster5([...addresses(nodes)], { lazyConnect: true })],
] as const)('takes over the settings of a cluster client of %s, which stays as it is', async (_, make) => {
  const nodes = await ownCluster(3);
  const client = make(nodes);
  onTestFinished(() => client.disconnect());
  const transport = open({ cluster: { nodes: addresses(nodes) } });
  const source = testSource({ ...optionsOf(nodes), cluster: undefined, client });
  await publish(transport, THIRD, ['m1']);
  expect(idsOf(await receiveCount(source, 1))).toEqual(['m1']);
  expect(client.status).toBe('wait');
});
