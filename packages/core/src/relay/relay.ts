import { OutboxError } from '../errors.ts';
import type { RelayEvent, RelayListener } from '../events.ts';
import { integer, readOptions } from '../settings.ts';
import { boundStore } from './bounded-store.ts';
import { BreakerBoard } from './breaker-board.ts';
import type { RelayContext } from './context.ts';
import { Control, type DrainGoal } from './control.ts';
import { runJanitor } from './janitor.ts';
import { Lane } from './lane.ts';
import { Listeners } from './listeners.ts';
import { EndingClock } from './ending-clock.ts';
import { type RelayOptions, readRelayOptions } from './options.ts';
import { TopicPolicies } from './policy.ts';
import { Routes } from './routes.ts';
import { Totals } from './totals.ts';
import { runWakeups } from './wakeups.ts';

/** Publishes what the outbox holds. Create it with {@link createRelay}. */
export interface Relay {
  /** Starts working in the background, also while the database or the broker cannot be reached yet. Once only. */
  start(): void;
  /**
   * Takes no new work, lets batches under way finish and gives all leases back.
   *
   * When `timeoutMs` has passed, publishing is aborted; what was not settled stays in the store for the next relay.
   * May be called again, also with a shorter time; every call resolves when the relay has ended.
   */
  stop(options?: StopOptions): Promise<StopReport>;
  /**
   * Works until nothing is due, then ends the relay: for schedules, tests and serverless functions. Instead of
   * `start`, not besides it.
   *
   * Rejects with the store's error when that cannot be cured by waiting, for example `STORE_SCHEMA_MISSING`.
   */
  drain(options?: DrainOptions): Promise<DrainReport>;
  /** Lets batches under way finish, gives leases back and waits for {@link Relay.resume}. */
  pause(): void;
  resume(): void;
  /** Looks for work at once: the cheapest wake-up for a process that both appends and relays. */
  wake(): void;
  /** Adds a listener for events; the returned function removes it. What a listener throws is ignored. */
  subscribe(listener: RelayListener): () => void;
}

/** Options of {@link Relay.stop}. */
export interface StopOptions {
  /** Milliseconds for batches under way. Default: 10,000. */
  readonly timeoutMs?: number | undefined;
}

/** How a relay ended. */
export interface StopReport {
  /** Messages that may have been published without their outcome being recorded; they will be delivered again. */
  readonly unsettled: number;
}

/** Options of {@link Relay.drain}. */
export interface DrainOptions {
  /**
   * Milliseconds after which the drain takes no more; batches under way get up to ten seconds to finish, as in a stop.
   * Default and largest value: about 24 days.
   */
  readonly timeoutMs?: number | undefined;
  /** Messages after which the drain ends. Default: no limit. */
  readonly maxMessages?: number | undefined;
}

/** What a drain did. */
export interface DrainReport {
  /**
   * `drained`: nothing is due that this relay can take. `limit`: `maxMessages` were read. `timeout`: the time was up.
   * `unavailable`: a breaker is open, messages stay. `stopped`: `stop` was called.
   */
  readonly ended: 'drained' | 'limit' | 'timeout' | 'unavailable' | 'stopped';
  readonly accepted: number;
  readonly retried: number;
  readonly dead: number;
  readonly durationMs: number;
}

/** How long the end of a relay waits for calls that do not answer, after everything was aborted, in milliseconds. */
const ABANDON_GRACE_MS = 2_000;
/** The longest time a timer of Node.js takes, in milliseconds: about 24 days. */
const MAX_TIMER_MS = 2_147_483_647;

/**
 * Creates a relay: claims messages from a store, publishes them, records what became of them.
 *
 * @example
 * const relay = createRelay({ store, transport });
 * relay.start();
 * process.once('SIGTERM', () => relay.stop());
 */
export function createRelay(options: RelayOptions): Relay {
  return new RelayEngine(options);
}

/**
 * - `new`: nothing runs. - `working`: after `start` or `drain`. - `ended`: after `stop`, or at the end of a drain.
 */
class RelayEngine implements Relay {
  readonly #context: RelayContext;
  readonly #clock: EndingClock;
  readonly #listeners: Listeners;
  readonly #ended: Promise<void>;
  #end: () => void = () => {};
  #state: 'new' | 'working' | 'ended' = 'new';

  constructor(options: RelayOptions) {
    const settings = readRelayOptions(options);
    const { random, onEvent } = settings;
    const clock = new EndingClock(settings.clock);
    const listeners = new Listeners(settings.name);
    if (onEvent !== undefined) listeners.add(onEvent);
    const emit = (event: RelayEvent): void => listeners.emit(event);
    const unit = (): number => random.unit();
    const control = new Control(clock);
    const routes = new Routes(settings.routes);
    const wake = (): void => control.pacing.wake();
    this.#clock = clock;
    this.#listeners = listeners;
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#context = {
      store: boundStore(settings.store, clock),
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
  }

  start(): void {
    this.#begin('start');
    this.#run([runWakeups(this.#context), runJanitor(this.#context)]);
  }

  async stop(options: StopOptions = {}): Promise<StopReport> {
    const { timeoutMs } = readOptions('relay.stop', options, { timeoutMs: integer(10_000, 0, 86_400_000) });
    const { control, clock } = this.#context;
    control.change('stopping');
    if (this.#state === 'new') {
      this.#state = 'ended';
      this.#end();
    }
    const cancel = clock.setTimer(timeoutMs, () => control.abandon());
    await this.#ended;
    cancel();
    return { unsettled: control.unsettled };
  }

  async drain(options: DrainOptions = {}): Promise<DrainReport> {
    const { timeoutMs, maxMessages } = readOptions('relay.drain', options, {
      timeoutMs: integer(MAX_TIMER_MS, 1, MAX_TIMER_MS),
      maxMessages: integer(Number.MAX_SAFE_INTEGER, 1, Number.MAX_SAFE_INTEGER),
    });
    const { control, clock, board } = this.#context;
    const goal: DrainGoal = { remaining: maxMessages, failure: null };
    const totals = new Totals();
    const startedAtMs = clock.monotonicMs();
    this.#begin('drain');
    control.goal = goal;
    const unsubscribe = this.subscribe((event) => totals.add(event));
    let timedOut = false;
    const cancel = clock.setTimer(timeoutMs, () => {
      timedOut = true;
      void this.stop();
    });
    this.#run([]);
    await this.#ended;
    cancel();
    unsubscribe();
    const stopped = !control.change('stopping');
    const ending = (): DrainReport['ended'] => {
      if (timedOut) return 'timeout';
      if (stopped) return 'stopped';
      if (goal.remaining <= 0) return 'limit';
      return board.troubled ? 'unavailable' : 'drained';
    };
    if (goal.failure !== null && !stopped) throw goal.failure.error;
    return { ended: ending(), ...totals.counts(), durationMs: clock.monotonicMs() - startedAtMs };
  }

  pause(): void {
    if (this.#context.control.change('paused')) this.#tell('relay-paused');
  }

  resume(): void {
    if (this.#context.control.change('running')) this.#tell('relay-resumed');
  }

  wake(): void {
    this.#context.control.pacing.wake();
  }

  subscribe(listener: RelayListener): () => void {
    return this.#listeners.add(listener);
  }

  #begin(verb: string): void {
    if (this.#state !== 'new') {
      throw new OutboxError(
        'RELAY_STATE',
        `relay.${verb}() was called on a relay that ${this.#state === 'working' ? 'is working' : 'has ended'}; create a new relay.`,
      );
    }
    this.#state = 'working';
    this.#tell('relay-started');
  }

  /** Runs the lanes and what accompanies them; the relay has ended when all of them have. */
  #run(companions: readonly Promise<void>[]): void {
    const { control, settings, board, emit } = this.#context;
    const lanes = Array.from({ length: settings.lanes }, (_, index) => new Lane(this.#context, index).run());
    const all = Promise.all([...lanes, ...companions]);
    void Promise.race([all, control.afterAbandon(ABANDON_GRACE_MS)]).then(() => {
      this.#state = 'ended';
      control.end();
      board.close();
      this.#clock.end();
      emit({ type: 'relay-stopped', relay: settings.name, unsettled: control.unsettled });
      this.#end();
    });
  }

  #tell(type: 'relay-started' | 'relay-paused' | 'relay-resumed'): void {
    this.#context.emit({ type, relay: this.#context.settings.name });
  }
}
