import { same, sameIds } from '../bench/assertions.ts';
import { statuses } from '../bench/transport-bench.ts';
import type { TransportClause } from './transport-clause.ts';

/** Where the declared limits are higher, these stand for them. */
const MOST_MESSAGES = 2_000;
const MOST_BYTES = 8 * 1_048_576;

export const T6_1: TransportClause = {
  id: 'T6.1',
  title: 'A batch at the declared limits is taken.',
  cases: [{ name: 'messages' }, { name: 'bytes' }],
  async run(bench, name) {
    const { maxMessages, maxBatchBytes, maxPayloadBytes } = bench.harness.capabilities.limits;
    const topic = await bench.topic();
    const count = name === 'messages' ? Math.min(maxMessages, MOST_MESSAGES) : Math.min(maxMessages, 8);
    const room = Math.min(maxBatchBytes, bench.harness.largestPayloadBytes ?? MOST_BYTES, MOST_BYTES);
    const size = name === 'messages' ? 2 : Math.min(Math.floor(room / count), maxPayloadBytes);
    const messages = bench.many(count, topic, { payload: `"${'x'.repeat(Math.max(size - 2, 0))}"` });
    const results = await bench.publish(messages);
    same(
      statuses(results).filter((status) => status !== 'accepted'),
      [],
      `results of ${count} messages of ${size} bytes that were not accepted`,
    );
    sameIds(await bench.received(count), messages, 'messages at the broker');
  },
};
