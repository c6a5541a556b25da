import type { RelayEvent } from '../../src/events.ts';
import { guardStore } from '../../src/guard/guard-store.ts';
import { BreakerBoard } from '../../src/relay/breaker-board.ts';
import type { RelayContext } from '../../src/relay/context.ts';
import { Control } from '../../src/relay/control.ts';
import { readRelayOptions } from '../../src/relay/options.ts';
import { TopicPolicies } from '../../src/relay/policy.ts';
import { Routes } from '../../src/relay/routes.ts';
import type { RigOptions } from './rig.ts';
import { scriptedRandom } from './scripted-random.ts';
import { ScriptedStore } from './scripted-store.ts';
import { ScriptedTransport } from './scripted-transport.ts';
import { VirtualClock } from './virtual-clock.ts';

/** What the pieces of a relay share, without a relay around it. */
export interface ContextRig {
  readonly clock: VirtualClock;
  readonly store: ScriptedStore;
  readonly transport: ScriptedTransport;
  readonly context: RelayContext;
  readonly events: RelayEvent[];
}

/** A context as a relay makes it. */
export function contextRig(options: RigOptions = {}): ContextRig {
  const clock = options.clock ?? new VirtualClock();
  const store = new ScriptedStore(clock, options.store);
  const transport = new ScriptedTransport(clock, options.transport);
  const events: RelayEvent[] = [];
  const random = scriptedRandom();
  const settings = readRelayOptions({ store, transport, clock, random, name: 'rig', ...options.relay });
  const routes = new Routes(settings.routes);
  const control = new Control(clock);
  const emit = (event: RelayEvent): void => void events.push(event);
  const unit = (): number => random.unit();
  const wake = (): void => control.pacing.wake();
  const context: RelayContext = {
    store: guardStore(store),
    routes,
    policies: new TopicPolicies(settings.retry, settings.topics),
    settings,
    board: new BreakerBoard({ routes, settings: settings.breaker, clock, unit, emit, wake }),
    control,
    clock,
    unit,
    token: () => random.token(),
    emit,
  };
  return { clock, store, transport, context, events };
}
