import { holds, same, sameIds } from '../bench/assertions.ts';
import { payloadPrint } from '../bench/payload-print.ts';
import { statuses } from '../bench/transport-bench.ts';
import type { TransportClause } from './transport-clause.ts';

export const T1_9: TransportClause = {
  id: 'T1.9',
  title:
    'A deduplication id repeated inside the window is `duplicate` and stored once; a new one for the same id is stored again.',
  when: { deduplication: 'window' },
  async run(bench) {
    const topic = await bench.topic();
    const [message] = bench.many(1, topic);
    holds(message !== undefined, 'the suite made no message');
    await bench.accept([message]);
    same(statuses(await bench.publish([message])), ['duplicate'], 'result of the repetition');
    sameIds(await bench.received(1), [message], 'messages at the broker after the repetition');
    await bench.accept([{ ...message, deduplicationId: `${message.id}#1` }]);
    sameIds(await bench.received(2), [message, message], 'messages at the broker after a redrive');
  },
};

export const T1_11: TransportClause = {
  id: 'T1.11',
  title: 'A message that is published again is sent again, and each one of an id that a call holds twice.',
  when: { deduplication: 'consumer' },
  cases: [{ name: 'in a later call' }, { name: 'in one call' }],
  async run(bench, name) {
    const topic = await bench.topic();
    const [first] = bench.many(1, topic, { payload: '"first"' });
    holds(first !== undefined, 'the suite made no message');
    const second = { ...first, payload: '"second"' };
    const twoInOne = name === 'in one call' && bench.harness.capabilities.limits.maxMessages > 1;
    for (const messages of twoInOne ? [[first, second]] : [[first], [second]]) await bench.accept(messages);
    const payloads = (await bench.received(2)).map(({ payload }) => payloadPrint(payload));
    const expected = [first, second].map(({ payload }) => payloadPrint(payload));
    same(payloads.toSorted(), expected.toSorted(), 'payloads at the broker under one id');
  },
};
