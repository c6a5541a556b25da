import type { RelayEvent } from '../../src/events.ts';
import type { RelayOptions } from '../../src/relay/options.ts';
import { createRelay, type Relay } from '../../src/relay/relay.ts';
import { scriptedRandom } from './scripted-random.ts';
import { ScriptedStore, type ScriptedStoreOptions } from './scripted-store.ts';
import { ScriptedTransport, type ScriptedTransportOptions } from './scripted-transport.ts';
import { VirtualClock } from './virtual-clock.ts';

/** An event of one type. */
export type EventOf<T extends RelayEvent['type']> = Extract<RelayEvent, { type: T }>;

/** A relay under a virtual clock with everything around it at hand. */
export interface Rig {
  readonly clock: VirtualClock;
  readonly store: ScriptedStore;
  readonly transport: ScriptedTransport;
  readonly relay: Relay;
  readonly events: RelayEvent[];
  readonly eventsOf: <T extends RelayEvent['type']>(type: T) => EventOf<T>[];
}

/** What a rig is made of; a relay has one lane unless the test is about several. */
export interface RigOptions {
  readonly clock?: VirtualClock;
  readonly store?: ScriptedStoreOptions;
  readonly transport?: ScriptedTransportOptions;
  readonly relay?: Partial<RelayOptions>;
}

export function rig(options: RigOptions = {}): Rig {
  const clock = options.clock ?? new VirtualClock();
  const store = new ScriptedStore(clock, options.store);
  const transport = new ScriptedTransport(clock, options.transport);
  const events: RelayEvent[] = [];
  const target = options.relay?.routes === undefined ? { transport } : {};
  const relay = createRelay({
    store,
    ...target,
    name: 'rig',
    lanes: 1,
    clock,
    random: scriptedRandom(),
    onEvent: (event) => events.push(event),
    ...options.relay,
  });
  const eventsOf = <T extends RelayEvent['type']>(type: T): EventOf<T>[] =>
    events.filter((event): event is EventOf<T> => event.type === type);
  return { clock, store, transport, relay, events, eventsOf };
}
