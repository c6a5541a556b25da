import { setTimeout as sleep } from 'node:timers/promises';
import type { SourceDelivery } from '@outrelay/core';
import { broken, misjoined, reading, replacing, type SourceMutant, yielding } from './source-mutant.ts';

const NEVER = new AbortController().signal;
let members = 0;

/** Sources that hand out too much, too little, to the wrong one or something else. */
export const RECEIVING_MUTANTS: readonly SourceMutant[] = [
  broken(
    'more-than-asked',
    'A call asks the broker for a batch of its own size and yields all of it.',
    replacing((source) => ({
      receive: ({ limit, waitMs }, signal) => source.receive({ limit: limit + 3, waitMs }, signal),
    })),
  ),
  broken(
    'surplus-dropped',
    'A call asks the broker for a batch of its own size and yields what it was asked for.',
    replacing((source) => ({
      receive: async ({ limit, waitMs }, signal) =>
        (await source.receive({ limit: limit + 3, waitMs }, signal)).slice(0, limit),
    })),
  ),
  misjoined(
    'everybody-gets-everything',
    'Each process reads for itself, as a group of its own.',
    (options) => ({
      ...options,
      group: `${options.group} ${++members}`,
    }),
  ),
  broken(
    'lock-expires',
    'What is in hands for longer than the lock lasts goes to somebody else.',
    (queue) => {
      const since = new Map<unknown, number>();
      return (source) => ({
        ...source,
        async receive(request, signal) {
          for (const { hands } of queue.groups.values())
            for (const [place, hand] of hands) {
              const known = since.get(hand.owner);
              hand.free ||= known !== undefined && performance.now() - known > queue.takeoverMs && place >= 0;
            }
          const deliveries = await source.receive(request, signal);
          for (const { hands } of queue.groups.values())
            for (const { owner } of hands.values())
              if (!since.has(owner)) since.set(owner, performance.now());
          return deliveries;
        },
      });
    },
  ),
  broken(
    'newest-first',
    'The deliveries of a call come in reverse.',
    yielding((deliveries) => deliveries.toReversed()),
  ),
  broken(
    'waits-for-a-message',
    'A call ends with a message only.',
    replacing((source) => ({
      receive: (request, signal) => source.receive({ ...request, waitMs: 3_600_000 }, signal),
    })),
  ),
  broken(
    'looks-at-the-end',
    'A call waits for as long as it may, and looks then.',
    replacing((source) => ({
      async receive(request, signal) {
        await sleep(request.waitMs, undefined, { signal, ref: false }).catch(() => {});
        return source.receive({ ...request, waitMs: 0 }, signal);
      },
    })),
  ),
  broken(
    'deaf-to-an-abort',
    'A call that waits notices an abort when its time is over.',
    replacing((source) => ({ receive: (request) => source.receive(request, NEVER) })),
  ),
  broken(
    'abort-drops',
    'What the broker answers after an abort is thrown away.',
    replacing((source) => ({
      async receive(request, signal) {
        const deliveries = await source.receive(request, signal.aborted ? NEVER : signal);
        return signal.aborted ? [] : deliveries;
      },
    })),
  ),
  misjoined(
    'always-from-the-beginning',
    'A new group begins with the first message, whatever was said.',
    (it) => ({
      ...it,
      start: 'beginning',
    }),
  ),
  misjoined(
    'always-with-what-is-new',
    'A new group begins with the next message, whatever was said.',
    (it) => (it.group === 'first' ? it : { ...it, start: 'new' }),
  ),
  misjoined('one-group', 'All consumers share one group.', (it) => ({ ...it, group: 'all' })),

  broken(
    'payload-as-text',
    'Payloads are decoded as UTF-8.',
    reading((message) => ({
      ...message,
      payload: message.payload === null ? null : Buffer.from(message.payload).toString(),
    })),
  ),
  broken(
    'no-payload-is-empty',
    'An absent payload comes as an empty one.',
    reading((message) => ({ ...message, payload: message.payload ?? '' })),
  ),
  broken(
    'header-names-in-lower-case',
    'Names of headers come in lower case.',
    reading((message) => ({
      ...message,
      headers: Object.fromEntries(
        Object.entries(message.headers).map(([name, value]) => [name.toLowerCase(), value]),
      ),
    })),
  ),
  broken(
    'no-key-is-empty',
    'A message without key comes with an empty one.',
    reading((message) => ({ ...message, key: message.key ?? '' })),
  ),
  broken(
    'skips-what-is-no-message',
    'What cannot be decoded is acknowledged and left out.',
    yielding(async (deliveries, source) => {
      await source.acknowledge(deliveries.filter(({ message }) => message === null));
      return deliveries.filter(({ message }) => message !== null);
    }),
  ),
  broken(
    'stumbles-over-what-is-no-message',
    'What cannot be decoded makes the call fail.',
    yielding((deliveries) => {
      const bad = deliveries.find(({ message }) => message === null);
      if (bad !== undefined) throw new SyntaxError('Unexpected token');
      return deliveries;
    }),
  ),
  broken(
    'undecodable-for-no-reason',
    'What cannot be decoded comes without a reason.',
    yielding((deliveries) =>
      deliveries.map((it): SourceDelivery => (it.message === null ? { ...it, undecodable: '' } : it)),
    ),
  ),
  broken(
    'place-of-the-queue',
    'Deliveries tell the queue that they come from, and no more.',
    yielding((deliveries) => deliveries.map((delivery) => ({ ...delivery, place: 'queue' }))),
  ),
];
