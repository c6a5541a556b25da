import { type Consumer, createConsumer } from '../../src/consumer/consumer.ts';
import type { ConsumerEvent } from '../../src/consumer/events.ts';
import type { ConsumerOptions } from '../../src/consumer/options.ts';
import type { ConsumedMessage } from '../../src/parking.ts';
import { InboxStore, type InboxTx } from '../support/inbox-store.ts';
import { scriptedRandom } from '../support/scripted-random.ts';
import { ScriptedSource } from '../support/scripted-source.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

/** A consumer under a virtual clock with everything around it at hand. */
export interface ConsumerRig {
  readonly clock: VirtualClock;
  readonly inbox: InboxStore;
  readonly source: ScriptedSource;
  readonly consumer: Consumer;
  readonly events: ConsumerEvent[];
  /** Ids of messages in the order in which handlers began. */
  readonly begun: string[];
  readonly eventsOf: <T extends ConsumerEvent['type']>(type: T) => Extract<ConsumerEvent, { type: T }>[];
}

export function message(id: string, fields: Partial<ConsumedMessage> = {}): ConsumedMessage {
  return {
    id,
    topic: 'orders',
    key: null,
    headers: {},
    payload: '{}',
    contentType: 'application/json',
    createdAt: new Date(0),
    ...fields,
  };
}

/** @param handle - what the handler does besides its effect; takes 10 ms unless told otherwise */
export function consumerRig(
  options: Partial<ConsumerOptions<InboxTx, 'async', never>> = {},
  handle: (tx: InboxTx, message: ConsumedMessage, clock: VirtualClock) => Promise<unknown> = (_, __, clock) =>
    clock.sleep(10),
): ConsumerRig {
  const clock = new VirtualClock();
  const inbox = new InboxStore(clock);
  const source = new ScriptedSource(clock);
  const events: ConsumerEvent[] = [];
  const begun: string[] = [];
  const consumer = createConsumer({
    name: 'billing',
    store: inbox.store,
    source,
    handler: async (tx, received) => {
      begun.push(received.id);
      tx.effects.push(received.id);
      await handle(tx, received, clock);
    },
    retry: { minDelayMs: 100, maxDelayMs: 1_000, factor: 2, jitter: 0, maxAttempts: 4 },
    purgeIntervalMs: 0,
    clock,
    random: scriptedRandom(),
    onEvent: (event) => events.push(event),
    ...options,
  });
  return {
    clock,
    inbox,
    source,
    consumer,
    events,
    begun,
    eventsOf: <T extends ConsumerEvent['type']>(type: T) =>
      events.filter((event): event is Extract<ConsumerEvent, { type: T }> => event.type === type),
  };
}
