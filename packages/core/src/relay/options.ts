import { hostname } from 'node:os';
import { type Clock, type Random, systemClock, systemRandom } from '../clock.ts';
import type { RelayListener } from '../events.ts';
import { guardStore } from '../guard/guard-store.ts';
import {
  any,
  boolean,
  type Checked,
  describe,
  integer,
  type OptionCheck,
  optionalFunction,
  readOptions,
  record,
  text,
} from '../settings.ts';
import type { OutboxStore } from '../store.ts';
import type { Transport } from '../transport.ts';
import { type BreakerOptions, type BreakerSettings, readBreaker } from './breaker.ts';
import type { BackoffBounds } from './pacing.ts';
import type { TopicPolicyOptions } from './policy.ts';
import { type RetryOptions, type RetrySettings, readRetry } from './retry-policy.ts';

/** Options of `createRelay`. */
export interface RelayOptions {
  /** Where messages come from. The relay never closes it. */
  readonly store: OutboxStore;
  /** Takes every topic; the same as `routes: { '*': transport }`. The relay never closes it. */
  readonly transport?: Transport | undefined;
  /**
   * Topic, or pattern such as `order.*` or `*`, to transport; the most specific pattern counts. Topics without a route
   * stay pending and show in the status. Default: everything goes to `transport`.
   */
  readonly routes?: Readonly<Record<string, Transport>> | undefined;
  /** How topics (or patterns) are treated. Default: `retry` for all, dead letters do not block their key. */
  readonly topics?: Readonly<Record<string, TopicPolicyOptions>> | undefined;
  /** Name on leases and in events. Default: host name and process id. */
  readonly name?: string | undefined;
  /** Loops that claim, publish and settle side by side; one on stores that have one lease for all. Default: 3. */
  readonly lanes?: number | undefined;
  /** The largest batch of one lane; slower transports get smaller ones by themselves. */
  readonly batch?: BatchOptions | undefined;
  /** Milliseconds a lease lasts unless renewed: how long a crash delays what the relay held. Default: 10,000. */
  readonly leaseMs?: number | undefined;
  /**
   * Milliseconds an idle lane keeps its lease, which saves the next claim; 0 on stores whose leases cannot be widened.
   * Default: 1,000.
   */
  readonly lingerMs?: number | undefined;
  /** Waits between looks into an idle store. */
  readonly poll?: PollOptions | undefined;
  /** Milliseconds after which a transport's silence in one call counts as `unknown`. Default: 120,000. */
  readonly publishTimeoutMs?: number | undefined;
  readonly retry?: RetryOptions | undefined;
  readonly breaker?: BreakerOptions | undefined;
  /** Whether the relay listens to the store's wake-ups where it has them. Default: `true`. */
  readonly wakeups?: boolean | undefined;
  /** Milliseconds between purges of old history and receipts; 0 for none. Default: 60,000. */
  readonly purgeIntervalMs?: number | undefined;
  /** Receives every event. What it throws is ignored. Default: none. */
  readonly onEvent?: RelayListener | undefined;
  /** Default: the system's. Replaced in tests. */
  readonly clock?: Clock | undefined;
  /** Default: the system's. Replaced in tests. */
  readonly random?: Random | undefined;
}

/** Bounds of a batch. */
export interface BatchOptions {
  /** Default: 1,000 messages. */
  readonly messages?: number | undefined;
  /** Default: 8 MiB of payload; a larger single message still passes. */
  readonly bytes?: number | undefined;
}

/** Bounds of the wait between two looks into an idle store; it doubles from one to the other. */
export interface PollOptions {
  /** Default: 5 ms. */
  readonly minMs?: number | undefined;
  /** Default: 250 ms. */
  readonly maxMs?: number | undefined;
}

/** Checked {@link RelayOptions}. */
export interface RelaySettings {
  readonly store: OutboxStore;
  readonly routes: Readonly<Record<string, unknown>>;
  readonly topics: Readonly<Record<string, TopicPolicyOptions>>;
  readonly name: string;
  readonly lanes: number;
  readonly batch: Checked<BatchOptions>;
  readonly leaseMs: number;
  readonly lingerMs: number;
  readonly poll: BackoffBounds;
  readonly publishTimeoutMs: number;
  readonly retry: RetrySettings;
  readonly breaker: BreakerSettings;
  readonly wakeups: boolean;
  readonly purgeIntervalMs: number;
  readonly onEvent: RelayListener | undefined;
  readonly clock: Clock;
  readonly random: Random;
}

const HOUR_MS = 3_600_000;

/** Checks the options of `createRelay`; throws a `TypeError` that names the wrong one. */
export function readRelayOptions(options: RelayOptions): RelaySettings {
  const owner = 'createRelay';
  const { transport, routes, ...settings } = readOptions(owner, options, {
    store: guardStore,
    transport: any<unknown>(undefined),
    routes: (value: unknown, name) => (value === undefined ? undefined : record({})(value, name)),
    topics: record<Readonly<Record<string, TopicPolicyOptions>>>({}),
    name: text(`${hostname()}:${process.pid}`),
    lanes: integer(3, 1, 64),
    batch: readBatch,
    leaseMs: integer(10_000, 100, HOUR_MS),
    lingerMs: integer(1_000, 0, HOUR_MS),
    poll: readPoll,
    publishTimeoutMs: integer(120_000, 1, HOUR_MS),
    retry: (value: unknown) => readRetry(`${owner}: option "retry"`, value),
    breaker: (value: unknown) => readBreaker(`${owner}: option "breaker"`, value),
    wakeups: boolean(true),
    purgeIntervalMs: integer(60_000, 0, 24 * HOUR_MS),
    onEvent: optionalFunction<RelayListener>(),
    clock: withMethods<Clock>(systemClock, ['monotonicMs', 'setTimer', 'yield']),
    random: withMethods<Random>(systemRandom, ['unit', 'token']),
  });
  if ((transport === undefined) === (routes === undefined)) {
    throw new TypeError(`${owner}: give either "transport", for everything, or "routes", by topic.`);
  }
  const { leaseScope } = settings.store.capabilities;
  return {
    ...settings,
    routes: routes ?? { '*': transport },
    lanes: leaseScope === 'store' ? 1 : settings.lanes,
    // A lease that neither covers everything nor can be widened may miss new work, which keeping it would only delay.
    lingerMs: leaseScope === 'store' || settings.store.sharing !== undefined ? settings.lingerMs : 0,
  };
}

function readBatch(value: unknown, name: string): Checked<BatchOptions> {
  return readOptions(name, value === undefined ? {} : value, {
    messages: integer(1_000, 1, 100_000),
    bytes: integer(8 * 1024 * 1024, 1, Number.MAX_SAFE_INTEGER),
  });
}

function readPoll(value: unknown, name: string): BackoffBounds {
  const poll = readOptions(name, value === undefined ? {} : value, {
    minMs: integer(5, 1, HOUR_MS),
    maxMs: integer(250, 1, HOUR_MS),
  });
  if (poll.minMs > poll.maxMs) throw new TypeError(`${name}: "minMs" must not exceed "maxMs".`);
  return poll;
}

/** An object with the given methods. */
export function withMethods<T extends object>(
  defaultValue: T,
  methods: readonly (keyof T & string)[],
): OptionCheck<T> {
  return (value = defaultValue, name) => {
    const given = value as Readonly<Record<string, unknown>> | null;
    if (methods.every((method) => typeof given?.[method] === 'function')) return value as T;
    throw new TypeError(`${name} must have the methods ${methods.join(', ')}; got ${describe(value)}.`);
  };
}
