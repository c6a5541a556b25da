import type { SourceDelivery } from '@outrelay/core';
import { holds, sameIds, sameOrder } from '../bench/assertions.ts';
import { idsOf } from '../bench/source-bench.ts';
import type { SourceClause } from './source-clause.ts';

export const C1_1: SourceClause = {
  id: 'C1.1',
  title: '`receive` yields at most as many deliveries as it was asked for, and the others in later calls.',
  takeover: 'late',
  async run(bench) {
    const messages = await bench.publish(23);
    const found: SourceDelivery[] = [];
    await bench.eventually('all messages to come', async () => {
      const come = await bench.raw.receive({ limit: 5, waitMs: 20 }, new AbortController().signal);
      holds(come.length <= 5, `${come.length} deliveries came where 5 were asked for`);
      found.push(...come);
      return found.length >= messages.length;
    });
    sameIds(idsOf(found), messages, 'deliveries of several calls');
  },
};

export const C1_2: SourceClause = {
  id: 'C1.2',
  title: 'Each message goes to one source of the group, once for as long as that keeps it in hands.',
  async run(bench) {
    const messages = await bench.publish(30);
    const sources = [bench.source, await bench.connect(), await bench.connect()];
    const found: SourceDelivery[] = [];
    await bench.eventually('all messages to come', async () => {
      for (const source of sources) found.push(...(await bench.look(source, 4)));
      return found.length >= messages.length;
    });
    for (const source of sources) found.push(...(await bench.look(source)));
    sameIds(idsOf(found), messages, 'deliveries to three sources of a group');
  },
};

export const C1_3: SourceClause = {
  id: 'C1.3',
  title: 'What is in hands stays there, however long that takes, while its source is open.',
  cases: [{ name: 'seen from another source' }, { name: 'seen from its own' }],
  async run(bench, name) {
    const messages = await bench.publish(3);
    const held = await bench.take(3);
    const other = name === 'seen from its own' ? bench.source : await bench.connect();
    sameIds(idsOf(await bench.drain(other)), [], 'deliveries while an open source has them in hands');
    await bench.source.acknowledge(held);
    sameIds(idsOf(held), messages, 'deliveries in hands');
    sameIds(idsOf(await bench.drain(other)), [], 'deliveries after all is acknowledged');
  },
};

export const C1_4: SourceClause = {
  id: 'C1.4',
  title: 'The deliveries of one source come in the order of the broker.',
  takeover: 'late',
  async run(bench) {
    const early = await bench.publish(12, { key: 'k' });
    const first = [...(await bench.take(5)), ...(await bench.take(7))];
    const late = await bench.publish(4, { key: 'k' });
    sameOrder(idsOf([...first, ...(await bench.take(4))]), [...early, ...late], 'deliveries of a source');
  },
};

export const C1_7: SourceClause = {
  id: 'C1.7',
  title: 'A group that did not exist begins where it was told to.',
  needs: ['connectGroup'],
  cases: [{ name: 'at the beginning' }, { name: 'with what is new' }],
  async run(bench, name) {
    const early = await bench.publish(2);
    const start = name === 'at the beginning' ? 'beginning' : 'new';
    const source = await bench.connectGroup({ name: 'begun', start });
    // A group exists once somebody has looked.
    const found = [...(await bench.look(source))];
    const late = await bench.publish(2);
    const expected = start === 'beginning' ? [...early, ...late] : late;
    found.push(...(await bench.take(Math.max(1, expected.length - found.length), source)));
    sameOrder(idsOf(found), expected, `deliveries of a group that begins ${name}`);
  },
};

export const C1_8: SourceClause = {
  id: 'C1.8',
  title: 'Every group gets every message.',
  needs: ['connectGroup'],
  async run(bench) {
    const messages = await bench.publish(4);
    const own = await bench.take(4);
    await bench.source.acknowledge(own);
    for (const name of ['second', 'third']) {
      const source = await bench.connectGroup({ name, start: 'beginning' });
      sameIds(idsOf(await bench.take(4, source)), messages, `deliveries of the ${name} group`);
    }
  },
};
