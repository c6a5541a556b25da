import { createServer } from 'node:net';
import { until } from '@outrelay/servers';
import type { Redis } from 'ioredis';
import { expect } from 'vitest';
import { clientOf, type OwnRedis, ownRedis } from './redis.ts';

const SLOTS = 16_384;
const SETTINGS = [
  '--cluster-enabled',
  'yes',
  '--cluster-node-timeout',
  '1500',
  '--repl-diskless-sync-delay',
  '0',
];

/** A node of a cluster of one test's own. */
export interface Node {
  readonly server: OwnRedis;
  readonly client: Redis;
  readonly id: string;
  readonly host: string;
  readonly port: number;
}

/** The addresses of nodes, as the option `cluster` takes them. */
export function addresses(nodes: readonly Node[]): readonly { host: string; port: number }[] {
  return nodes.map(({ host, port }) => ({ host, port }));
}

/** Starts nodes that know each other and share the slots evenly; all of them are gone after the test. */
export async function ownCluster(count: number, ...settings: readonly string[]): Promise<readonly Node[]> {
  const nodes = await Promise.all(Array.from({ length: count }, () => startNode(...settings)));
  await Promise.all(
    nodes.map(({ client }, at) =>
      client.call('CLUSTER', 'ADDSLOTSRANGE', firstSlot(at, count), firstSlot(at + 1, count) - 1),
    ),
  );
  await meet(nodes);
  await settled(nodes);
  return nodes;
}

/** Starts a node that belongs to no cluster yet. */
export async function startNode(...settings: readonly string[]): Promise<Node> {
  const server = await startListening(settings);
  const client = clientOf(server.url);
  const id = String(await client.call('CLUSTER', 'MYID'));
  return { server, client, id, host: '127.0.0.1', port: server.port };
}

/** A port that was free may be taken when the node comes to it: another one is tried then. */
async function startListening(settings: readonly string[]): Promise<OwnRedis> {
  for (let tries = 1; ; tries++) {
    // Redis would listen for its neighbours on the port above by 10,000, which need not exist.
    const ports = ['--cluster-port', String(await freePort())];
    try {
      return await ownRedis(...SETTINGS, ...ports, ...settings);
    } catch (error) {
      if (tries === 3) throw error;
    }
  }
}

/** Makes nodes known to the first one, and so to each other. */
export async function meet(nodes: readonly Node[]): Promise<void> {
  const [first, ...others] = nodes;
  for (const { port, client } of others) {
    const [, busPort] = /@(\d+)/.exec(String(await client.call('CLUSTER', 'NODES'))) ?? [];
    await first?.client.call('CLUSTER', 'MEET', '127.0.0.1', port, String(busPort));
  }
  await until('all nodes know each other', async () => {
    for (const { client } of nodes) {
      const list = String(await client.call('CLUSTER', 'NODES'));
      for (const { id } of nodes) expect(list).toContain(id);
      expect(list).not.toMatch(/handshake/);
    }
  });
}

/** Waits until every node says that the cluster is whole. */
export async function settled(nodes: readonly Node[]): Promise<void> {
  await until('the cluster is whole', async () => {
    for (const { client } of nodes) expect(await client.cluster('INFO')).toContain('cluster_state:ok');
  });
}

/** Starts a replica of a node and waits until it is in step. */
export async function addReplica(
  nodes: readonly Node[],
  primary: Node,
  ...settings: readonly string[]
): Promise<Node> {
  const replica = await startNode(...settings);
  await meet([...nodes, replica]);
  await replica.client.call('CLUSTER', 'REPLICATE', primary.id);
  await until('the replica is online', async () =>
    expect(await primary.client.info('replication')).toMatch(/^slave0:.*state=online/m),
  );
  await inStep(primary);
  return replica;
}

/** Waits until the first replica of a node has everything. */
export async function inStep(primary: Node): Promise<void> {
  await until('the replica is in step', async () => {
    const info = await primary.client.info('replication');
    const [, sent] = /^master_repl_offset:(\d+)/m.exec(info) ?? [];
    const [, has] = /^slave0:.*offset=(\d+)/m.exec(info) ?? [];
    expect(has).toBe(sent);
  });
}

/** Makes a replica the primary by agreement; Redis gives up by itself when that takes longer than five seconds. */
export async function takeOver({ client }: Node): Promise<void> {
  const isPrimary = async (): Promise<void> => expect(await client.role()).toContain('master');
  for (let tries = 1; ; tries++) {
    await client.call('CLUSTER', 'FAILOVER');
    try {
      return await until('the replica has taken over', isPrimary, () => null, 6_000);
    } catch (error) {
      if (tries === 3) throw error;
    }
  }
}

/** The steps in which Redis moves a slot, as redis-cli does them. */
export function mover(
  slot: number,
  from: Node,
  to: Node,
  all: readonly Node[],
): Record<'begin' | 'finish', () => Promise<void>> & { moveKey(key: string): Promise<void> } {
  return {
    async begin() {
      await to.client.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', from.id);
      await from.client.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', to.id);
    },
    async moveKey(key: string) {
      await from.client.migrate('127.0.0.1', to.port, key, 0, 10_000);
    },
    async finish() {
      for (const { client } of [to, from, ...all])
        await client.call('CLUSTER', 'SETSLOT', slot, 'NODE', to.id);
    },
  };
}

/** The node that holds a stream, at the start. */
export async function holderOf(
  nodes: readonly Node[],
  stream: string,
): Promise<{ slot: number; node: Node }> {
  const slot = Number(await nodes[0]?.client.call('CLUSTER', 'KEYSLOT', stream));
  const at = nodes.findIndex((_, index) => slot < firstSlot(index + 1, nodes.length));
  return { slot, node: nodes[at] as Node };
}

function firstSlot(at: number, count: number): number {
  return Math.floor((SLOTS * at) / count);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
