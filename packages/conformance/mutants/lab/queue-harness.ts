import type { SourceHarness, SourcePlace } from '@outrelay/conformance';
import type { MessageSource, SourceCapabilities } from '@outrelay/core';
import { turn } from './gates.ts';
import { Queue } from './queue.ts';
import {
  DEAD_CONNECTION_MS,
  type QueueSourceOptions,
  queueCapabilities,
  queueSource,
} from './queue-source.ts';

/** Makes the source of each connection out of the honest one. */
export type MutateSource = (queue: Queue) => (source: MessageSource) => MessageSource;

interface QueueLab extends SourcePlace {
  readonly queue: Queue;
  readonly open: (options: Partial<QueueSourceOptions>) => MessageSource;
}

export const QUEUE_SECRET = 'hunter2-of-the-queue';
const TAKEOVER_MS = 25;
const HOUR_MS = 3_600_000;

/** The harness of the model queue; `mutate` and `join` break the sources of it. */
export function queueHarness(
  mutate: MutateSource = () => (source) => source,
  join: (options: QueueSourceOptions) => QueueSourceOptions = (options) => options,
  manifest: Partial<SourceCapabilities> = {},
): SourceHarness<QueueLab> {
  const capabilities = { ...queueCapabilities, ...manifest };
  return {
    kind: 'source',
    name: 'queue lab',
    capabilities,
    takeoverMs: TAKEOVER_MS,
    waits: { patienceMs: 60, quietMs: 5, clauseMs: 1_500 },
    async open({ takeover }) {
      const queue = new Queue(takeover === 'soon' ? TAKEOVER_MS : HOUR_MS);
      const change = mutate(queue);
      const open = (options: Partial<QueueSourceOptions>): MessageSource =>
        change(queueSource(queue, join({ group: 'first', start: 'beginning', capabilities, ...options })));
      return {
        queue,
        open,
        connect: () => open({}),
        async publish(messages) {
          queue.log.push(...messages);
        },
        async remove() {
          queue.up = false;
        },
      };
    },
    powers: {
      connectGroup: ({ open }, { name, start }) => open({ group: name, start }),
      async publishForeign({ queue }) {
        queue.log.push('something else');
      },
      kept: async ({ queue }) => queue.kept,
      async takeAndDie({ queue, open }, count) {
        const before = new Set(
          [...(queue.groups.get('first')?.hands.values() ?? [])].map(({ owner }) => owner),
        );
        const source = open({});
        for (let taken = 0; taken < count; )
          taken += (await source.receive({ limit: count, waitMs: 10 }, new AbortController().signal)).length;
        for (const { owner } of queue.group('first', 'beginning').hands.values())
          if (!before.has(owner)) owner.deadSinceMs = performance.now();
      },
      async stopBroker({ queue }) {
        queue.up = false;
        return async () => {
          queue.up = true;
        };
      },
      async killBroker({ queue }) {
        queue.up = false;
        await turn();
        queue.up = true;
      },
      async freezeConnections({ queue }) {
        queue.freeze();
        return async () => {};
      },
      noticesDeathWithinMs: DEAD_CONNECTION_MS,
      secrets: [QUEUE_SECRET],
    },
  };
}
