import type { MessageSource, SourceDelivery } from '@outrelay/core';
import { holds, same, sameIds } from '../bench/assertions.ts';
import { idsOf } from '../bench/source-bench.ts';
import type { SourceClause } from './source-clause.ts';

export const C3_1: SourceClause = {
  id: 'C3.1',
  title: 'What was acknowledged is not delivered to the group again.',
  cases: [{ name: 'to its source' }, { name: 'after its source is gone' }],
  async run(bench, name) {
    await bench.publish(5);
    await bench.source.acknowledge(await bench.take(5));
    if (name === 'after its source is gone') await bench.source.close();
    const source = name === 'after its source is gone' ? await bench.connect() : bench.source;
    const later = await bench.publish(1);
    sameIds(idsOf(await bench.drain(source)), later, 'deliveries after all before was acknowledged');
  },
};

/** How a delivery ends, by the name of the verb. */
const ENDS: Readonly<Record<string, (source: MessageSource, delivery: SourceDelivery) => Promise<void>>> = {
  acknowledge: (source, delivery) => source.acknowledge([delivery]),
  reject: (source, delivery) => source.reject([{ delivery, reason: 'rejected', error: 'said no' }]),
  release: (source, delivery) => source.release([delivery]),
};

export const C3_2: SourceClause = {
  id: 'C3.2',
  title: 'The end of one delivery leaves the others in hands.',
  cases: Object.keys(ENDS).map((name) => ({ name })),
  async run(bench, name) {
    const messages = await bench.publish(5);
    const held = await bench.take(5);
    const [middle] = held.slice(2);
    holds(middle !== undefined, 'the third delivery did not come');
    await ENDS[name]?.(bench.source, middle);
    const other = await bench.connect();
    const expected = name === 'release' ? messages.slice(2, 3) : [];
    const come = await bench.drain(other);
    sameIds(idsOf(come), expected, 'deliveries to another source while the rest is in hands');
    await other.acknowledge(come);
    await bench.source.close();
    const rest = messages.filter((_, at) => at !== 2);
    sameIds(idsOf(await bench.take(4, other)), rest, 'deliveries once the source is closed');
  },
};

export const C3_3: SourceClause = {
  id: 'C3.3',
  title: 'To acknowledge again, or what somebody else has in hands by now, does no harm.',
  cases: [
    { name: 'again' },
    { name: 'what somebody else has in hands' },
    { name: 'what somebody else has done' },
  ],
  async run(bench, name) {
    const [first, second] = await bench.publish(2);
    const [one, two] = await bench.take(2);
    holds(one !== undefined && two !== undefined, 'two messages did not come');
    sameIds(
      idsOf([one, two]),
      [first, second].flatMap((it) => it ?? []),
      'deliveries',
    );
    const other = await bench.connect();
    if (name === 'again') {
      await bench.source.acknowledge([one]);
      await bench.source.acknowledge([one]);
    } else {
      await bench.source.release([one]);
      const taken = await bench.take(1, other);
      sameIds(idsOf(taken), idsOf([one]), 'deliveries to another source');
      if (name === 'what somebody else has done') await other.acknowledge(taken);
      await bench.source.acknowledge([one]);
      if (name === 'what somebody else has in hands') await other.acknowledge(taken);
    }
    sameIds(idsOf(await bench.drain(other)), [], 'deliveries while the other message is in hands');
    await bench.source.close();
    sameIds(idsOf(await bench.drain(other)), idsOf([two]), 'deliveries once the source is closed');
  },
};

export const C3_4: SourceClause = {
  id: 'C3.4',
  title: 'What is rejected is kept, once, with the reason and the error.',
  when: { rejected: 'kept' },
  needs: ['kept'],
  cases: [
    { name: 'messages' },
    { name: 'rejected again' },
    { name: 'what is no message', needs: ['publishForeign'] },
  ],
  async run(bench, name) {
    if (name === 'what is no message') await bench.power('publishForeign')(bench.place);
    else await bench.publish(2);
    const held = await bench.take(name === 'what is no message' ? 1 : 2);
    const reasons = ['rejected', 'attempts-exhausted'] as const;
    const rejections = held.map((delivery, at) => ({
      delivery,
      reason: delivery.message === null ? ('undecodable' as const) : (reasons[at] ?? 'rejected'),
      error: `no "${at}" 'order' \\ 🦊`,
    }));
    await bench.source.reject(rejections);
    if (name === 'rejected again') await bench.source.reject(rejections);
    const kept = await bench.power('kept')(bench.place);
    const expected = rejections.map(({ delivery: { message }, reason, error }) => {
      return { id: message?.id ?? null, reason, error };
    });
    same(kept, expected, 'what the broker keeps');
  },
};

export const C3_5: SourceClause = {
  id: 'C3.5',
  title: 'What is rejected is not delivered to the group again.',
  async run(bench) {
    const messages = await bench.publish(3);
    const held = await bench.take(3);
    await bench.source.reject(
      held.slice(0, 2).map((delivery) => ({ delivery, reason: 'rejected', error: 'said no' })),
    );
    sameIds(idsOf(await bench.drain()), [], 'deliveries after a rejection');
    await bench.source.close();
    sameIds(
      idsOf(await bench.drain(await bench.connect())),
      messages.slice(2),
      'deliveries to another source',
    );
  },
};

export const C3_6: SourceClause = {
  id: 'C3.6',
  title: 'What is released is available at once, to every source of the group.',
  takeover: 'late',
  cases: [{ name: 'to another' }, { name: 'to its own' }],
  async run(bench, name) {
    const messages = await bench.publish(3);
    const held = await bench.take(3);
    await bench.source.release(held);
    const source = name === 'to another' ? await bench.connect() : bench.source;
    sameIds(idsOf(await bench.take(3, source)), messages, 'deliveries of what was released');
  },
};
