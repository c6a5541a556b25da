import type { Relay, RelayOptions } from '@outrelay/core';
import { ProcessClock } from './process-clock.ts';
import type { Session } from './rows.ts';
import type { Owner } from './scheduler.ts';
import { simulatedStore } from './store.ts';
import { simulatedTransport } from './transport.ts';
import { BLOCKING, BLOCKING_POLICY, DEFAULT_POLICY, type World } from './world.ts';

/**
 * One operating-system process with one relay in it. It can be killed, frozen and stopped; who follows it in its place
 * is a process of its own.
 */
export class SimulatedProcess implements Owner, Session {
  readonly name: string;
  readonly world: World;
  /** Leases that the database told it are lost. */
  readonly toldLost: Set<string> = new Set();
  dead = false;
  frozenUntilMs = 0;
  cutShort = false;
  /** Whether its relay was stopped, and has ended. */
  ended = false;
  readonly #clock: ProcessClock;
  #stopping: Promise<void> | null = null;
  #relay: Relay;
  #successor: () => void;

  /** @param successor - starts the process that takes its place after a crash */
  constructor(name: string, world: World, successor: () => void) {
    this.name = name;
    this.world = world;
    this.#successor = successor;
    this.#clock = new ProcessClock(world.scheduler, world.random, this);
    this.#relay = this.#create();
    if (world.options.drains) void this.#drainForEver();
    else this.#relay.start();
  }

  /** How many timers are set in it. */
  get timers(): number {
    return this.#clock.timers;
  }

  /** Ends at once, in the middle of whatever it does. */
  crash(why: string): void {
    if (this.dead) return;
    this.world.note(this.name, 'crashes', () => why);
    this.dead = true;
    this.cutShort = true;
    this.world.scheduler.after(this.world.random.pick([10, 300, 2_500]), null, () => this.#successor());
  }

  /** Nothing of it runs for a while: a stuck event loop, a paused machine. */
  freeze(forMs: number): void {
    this.world.note(this.name, 'freezes', () => `${forMs} ms`);
    this.frozenUntilMs = this.world.scheduler.nowMs + forMs;
  }

  pause(forMs: number): void {
    this.world.note(this.name, 'pauses', () => `${forMs} ms`);
    this.#relay.pause();
    this.world.scheduler.after(forMs, this, () => this.#relay.resume());
  }

  /** A deployment: it is asked to stop, and another one takes its place. */
  replace(timeoutMs: number): void {
    if (this.#stopping !== null) return;
    this.cutShort = true;
    void this.stop(timeoutMs).then(() => {
      if (!this.dead) this.#successor();
    });
  }

  stop(timeoutMs: number): Promise<void> {
    this.#stopping ??= (async () => {
      this.world.note(this.name, 'stops', () => `within ${timeoutMs} ms`);
      await this.#relay.stop({ timeoutMs });
      this.world.note(this.name, 'stopped', () => '');
      this.ended = true;
    })();
    return this.#stopping;
  }

  get stopping(): boolean {
    return this.#stopping !== null;
  }

  async #drainForEver(): Promise<void> {
    const { scheduler, random } = this.world;
    while (this.#stopping === null) {
      const report = await this.#relay.drain({ timeoutMs: 20_000 }).catch(() => null);
      if (report?.ended === 'timeout') this.cutShort = true;
      if (this.#stopping !== null) return;
      await new Promise<void>((resolve) => void scheduler.after(random.pick([5, 500]), this, resolve));
      if (this.#stopping === null) this.#relay = this.#create();
    }
  }

  #create(): Relay {
    const { world } = this;
    const { options, random, engine } = world;
    const transports = Object.keys(world.brokers).map((name) => simulatedTransport(this, name));
    const [one, two = one] = transports as [RelayOptions['transport'], RelayOptions['transport']];
    return engine.createRelay({
      store: simulatedStore(this),
      routes: { '*': one as NonNullable<typeof one>, 'order.*': two as NonNullable<typeof two> },
      name: this.name,
      lanes: options.lanes,
      leaseMs: options.leaseMs,
      lingerMs: options.lingerMs,
      publishTimeoutMs: 5_000,
      batch: { messages: options.batchMessages },
      retry: {
        maxAttempts: DEFAULT_POLICY.maxAttempts,
        minDelayMs: 10,
        maxDelayMs: DEFAULT_POLICY.maxDelayMs,
      },
      topics: { [BLOCKING]: { retry: { maxAttempts: BLOCKING_POLICY.maxAttempts }, onDead: 'block' } },
      breaker: { failures: 5, minOpenMs: 50, maxOpenMs: 1_000 },
      clock: this.#clock,
      random,
      onEvent: (event) => world.heard(this, event),
    });
  }
}
