import { holds, same, sameIds } from '../bench/assertions.ts';
import { idsOf, type SourceBench } from '../bench/source-bench.ts';
import type { SourceClause } from './source-clause.ts';

export const C4_1: SourceClause = {
  id: 'C4.1',
  title:
    'What a process had in hands when it died goes to another one, as something that was delivered before.',
  needs: ['takeAndDie'],
  async run(bench) {
    const messages = await bench.publish(4);
    await bench.power('takeAndDie')(bench.place, 4);
    const deliveries = await bench.take(4);
    sameIds(idsOf(deliveries), messages, 'deliveries of what a dead process had');
    const counts = deliveries.map(({ deliveryCount }) => deliveryCount);
    holds(
      counts.every((count) => count > 1),
      `delivery counts of what somebody had before: ${counts.join(', ')}`,
    );
    await bench.source.acknowledge(deliveries);
    sameIds(idsOf(await bench.drain()), [], 'deliveries after all was acknowledged');
  },
};

/** The counts of four deliveries of a message, and of the only one of another. */
async function countsOf(bench: SourceBench): Promise<readonly number[]> {
  const seen: number[] = [];
  await bench.publish(1);
  for (let time = 0; time < 4; time++) {
    const deliveries = await bench.take(1);
    seen.push(...deliveries.map(({ deliveryCount }) => deliveryCount));
    await (time < 3 ? bench.source.release(deliveries) : bench.source.acknowledge(deliveries));
  }
  await bench.publish(1);
  seen.push(...(await bench.take(1)).map(({ deliveryCount }) => deliveryCount));
  return seen;
}

export const C4_2: SourceClause = {
  id: 'C4.2',
  title: '`deliveryCount` counts every delivery.',
  when: { redelivery: 'counted' },
  takeover: 'late',
  async run(bench) {
    same(await countsOf(bench), [1, 2, 3, 4, 1], 'delivery counts');
  },
};

export const C4_3: SourceClause = {
  id: 'C4.3',
  title: '`deliveryCount` is 1 for the first delivery and 2 for every further one.',
  when: { redelivery: 'flagged' },
  takeover: 'late',
  async run(bench) {
    same(await countsOf(bench), [1, 2, 2, 2, 1], 'delivery counts');
  },
};
