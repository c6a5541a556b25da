import { describe, expect, it } from 'vitest';
import {
  addresses,
  holderOf,
  meet,
  mover,
  type Node,
  ownCluster,
  settled,
  startNode,
} from './support/cluster.ts';
import { verdict } from './support/ledger.ts';
import { message, quiet, series } from './support/messages.ts';
import { payloads, received } from './support/redis.ts';
import { deliver } from './support/relay.ts';
import { open, statuses } from './support/transport.ts';

const ACCEPTED = ['accepted', 'accepted', 'accepted'];

function repeated(times: number): readonly string[] {
  return Array.from({ length: 3 * times }, (_, at) => String(at % 3));
}

/** What the nodes of a cluster hold of a stream that is on one of them. */
async function holders(nodes: readonly Node[], stream: string): Promise<readonly number[]> {
  const counts: number[] = [];
  for (const { client } of nodes) counts.push(await client.xlen(stream).catch(() => 0));
  return counts;
}

describe('a slot that moves to another node', () => {
  it('in the middle of many messages loses, repeats and reorders none', async () => {
    const nodes = await ownCluster(3);
    const { slot, node: from } = await holderOf(nodes, 'moving');
    const to = nodes[(nodes.indexOf(from) + 1) % 3] as Node;
    const move = mover(slot, from, to, nodes);
    const transport = open({ cluster: { nodes: addresses(nodes) }, chunkMessages: 50 });
    const sent = series(10_000, 'moving', ['a', 'b', 'c']);
    const steps = [() => move.begin(), () => move.moveKey('moving'), () => move.finish()];
    let moving = Promise.resolve();
    const report = await deliver(transport, sent, {
      batch: 250,
      progress(accepted) {
        const step = accepted >= (4 - steps.length) * 2_500 ? steps.shift() : undefined;
        // Not awaited: calls are under way meanwhile.
        if (step !== undefined) moving = moving.then(step);
      },
    });
    await moving;
    expect(steps).toHaveLength(0);
    expect(verdict(sent, await received(to.client, 'moving'))).toEqual({
      lost: [],
      duplicates: 0,
      disordered: [],
    });
    expect([...report.seen]).toEqual([['accepted', 10_000]]);
  });

  it('takes messages in every state, for a stream that is there, one that has gone and one that is new', async () => {
    const nodes = await ownCluster(3);
    const { slot, node: from } = await holderOf(nodes, 'moving');
    const to = nodes[(nodes.indexOf(from) + 1) % 3] as Node;
    const move = mover(slot, from, to, nodes);
    const transport = open({ cluster: { nodes: addresses(nodes) }, chunkMessages: 2 });
    const publish = async (stream: string) =>
      statuses(await transport.publish(series(3, stream, ['k']), quiet()));
    expect(await publish('moving')).toEqual(ACCEPTED);
    await move.begin();
    expect(await publish('moving')).toEqual(ACCEPTED);
    expect(await publish('new{moving}')).toEqual(ACCEPTED);
    expect(await holders(nodes, 'moving')).toEqual(nodes.map((node) => (node === from ? 6 : 0)));
    await move.moveKey('moving');
    expect(await publish('moving')).toEqual(ACCEPTED);
    await move.finish();
    expect(await publish('moving')).toEqual(ACCEPTED);
    expect(await publish('new{moving}')).toEqual(ACCEPTED);
    expect(await payloads(to.client, 'moving')).toEqual(repeated(4));
    expect(await payloads(to.client, 'new{moving}')).toEqual(repeated(2));
  });

  it('is found on a node that is new to the cluster', async () => {
    const nodes = await ownCluster(3);
    const { slot, node: from } = await holderOf(nodes, 'moving');
    const transport = open({ cluster: { nodes: addresses(nodes) }, pingIntervalMs: 50 });
    expect(statuses(await transport.publish(series(3, 'moving'), quiet()))).toEqual(ACCEPTED);
    const to = await startNode();
    await meet([...nodes, to]);
    await settled([...nodes, to]);
    const move = mover(slot, from, to, nodes);
    await move.begin();
    await move.moveKey('moving');
    for (let call = 0; call < 2; call++) {
      expect(statuses(await transport.publish(series(3, 'moving'), quiet()))).toEqual(ACCEPTED);
      expect(statuses(await transport.publish([message({ topic: 'other{moving}' })], quiet()))).toEqual([
        'accepted',
      ]);
    }
    await move.finish();
    expect(statuses(await transport.publish(series(3, 'moving'), quiet()))).toEqual(ACCEPTED);
    expect(await to.client.xlen('moving')).toBe(12);
    await transport.close();
    expect(String(await to.client.client('LIST'))).not.toContain('name=outrelay');
  });
});
