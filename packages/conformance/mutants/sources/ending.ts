import { OutboxError } from '@outrelay/core';
import { queueHarness } from '../lab/queue-harness.ts';
import { broken, replacing, type SourceMutant, yielding } from './source-mutant.ts';

/** Sources that end deliveries too early, too late or in the wrong way, or miscount them. */
export const ENDING_MUTANTS: readonly SourceMutant[] = [
  broken(
    'acknowledge-is-a-wish',
    'An acknowledgement is never sent.',
    replacing(() => ({ acknowledge: async () => {} })),
  ),
  broken(
    'acknowledges-up-to',
    'An acknowledgement is that of an offset: what came before goes with it.',
    (queue) => (source) => ({
      ...source,
      async acknowledge(deliveries) {
        await source.acknowledge(deliveries);
        const last = Math.max(...deliveries.map(({ ref }) => ref as number));
        for (const { hands } of queue.groups.values())
          for (const place of hands.keys()) if (place < last) hands.delete(place);
      },
    }),
  ),
  broken(
    'releases-everything',
    'Giving one delivery back gives back all that is in hands.',
    (queue) => (source) => ({
      ...source,
      async release(deliveries) {
        await source.release(deliveries);
        for (const { hands } of queue.groups.values()) for (const hand of hands.values()) hand.free = true;
      },
    }),
  ),
  broken('acknowledges-once', 'An acknowledgement of what is not in hands fails.', () => {
    const done = new Set<unknown>();
    return (source) => ({
      ...source,
      async acknowledge(deliveries) {
        if (deliveries.some(({ ref }) => done.has(ref)))
          throw new OutboxError('TRANSPORT_FAILED', 'The delivery tag is unknown.');
        await source.acknowledge(deliveries);
        for (const { ref } of deliveries) done.add(ref);
      },
    });
  }),
  broken(
    'rejects-without-the-error',
    'What is rejected is kept without what was wrong with it.',
    replacing((source) => ({
      reject: (rejections) => source.reject(rejections.map((rejection) => ({ ...rejection, error: '' }))),
    })),
  ),
  broken('keeps-twice', 'What is rejected is kept as often as it is rejected.', (queue) => (source) => ({
    ...source,
    async reject(rejections) {
      await source.reject(rejections);
      for (const { delivery, reason, error } of rejections) {
        const id = delivery.message?.id ?? null;
        if (queue.kept.filter((kept) => kept.id === id).length > 0) queue.kept.push({ id, reason, error });
      }
    },
  })),
  broken(
    'drops-what-is-rejected',
    'What is rejected is acknowledged and nothing else.',
    replacing((source) => ({
      reject: (rejections) => source.acknowledge(rejections.map(({ delivery }) => delivery)),
    })),
  ),
  broken(
    'rejection-comes-back',
    'What is rejected is kept, and given back as well.',
    (queue) => (source) => ({
      ...source,
      async reject(rejections) {
        await source.release(rejections.map(({ delivery }) => delivery));
        for (const { delivery, reason, error } of rejections)
          queue.kept.push({ id: delivery.message?.id ?? null, reason, error });
      },
    }),
  ),
  broken(
    'release-waits-for-the-takeover',
    'What is released is available once its consumer is gone.',
    replacing(() => ({ release: async () => {} })),
  ),
  broken(
    'release-acknowledges',
    'What is released is acknowledged.',
    replacing((source) => ({ release: (deliveries) => source.acknowledge(deliveries) })),
  ),
  broken('release-for-others', 'What is released goes to other sources only.', () => (source) => {
    const given = new Set<unknown>();
    return {
      ...source,
      async release(deliveries) {
        await source.release(deliveries);
        for (const { ref } of deliveries) given.add(ref);
      },
      async receive(request, signal) {
        const deliveries = await source.receive(request, signal);
        await source.release(deliveries.filter(({ ref }) => given.has(ref)));
        return deliveries.filter(({ ref }) => !given.has(ref));
      },
    };
  }),
  broken('acknowledges-by-itself', 'What is handed out counts as handled.', (queue) => (source) => ({
    ...source,
    async receive(request, signal) {
      const deliveries = await source.receive(request, signal);
      for (const { hands } of queue.groups.values())
        for (const { ref } of deliveries) hands.delete(ref as number);
      return deliveries;
    },
  })),
  broken(
    'always-the-first-time',
    'Every delivery counts as the first.',
    yielding((deliveries) => deliveries.map((delivery) => ({ ...delivery, deliveryCount: 1 }))),
  ),
  broken(
    'counts-retries',
    'The count is that of further deliveries: it begins with 0.',
    yielding((deliveries) =>
      deliveries.map((delivery) => ({ ...delivery, deliveryCount: delivery.deliveryCount - 1 })),
    ),
  ),
  {
    name: 'flags-the-first',
    bug: 'The flag for what was delivered before is set always.',
    harness: queueHarness(
      yielding((deliveries) => deliveries.map((delivery) => ({ ...delivery, deliveryCount: 2 }))),
      undefined,
      { redelivery: 'flagged' },
    ),
  },
];
