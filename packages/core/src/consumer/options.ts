import { type Clock, type Random, systemClock, systemRandom } from '../clock.ts';
import { OutboxError } from '../errors.ts';
import type { InboxFacet, TransactionsFacet } from '../facets.ts';
import { guardSource } from '../guard/guard-source.ts';
import { guardStore } from '../guard/guard-store.ts';
import type { ParkingFacet } from '../parking.ts';
import { withMethods } from '../relay/options.ts';
import { type RetryOptions, type RetrySettings, readRetry } from '../relay/retry-policy.ts';
import { describe, integer, oneOf, optionalFunction, readOptions } from '../settings.ts';
import type { MessageSource } from '../source.ts';
import type { Mode, OutboxStore } from '../store.ts';
import type { ConsumerListener } from './events.ts';
import { isReceiptText } from './keepable.ts';
import type { Handler } from './receiver.ts';

/** Options of {@link createConsumer}. */
export interface ConsumerOptions<Tx, M extends Mode, Root> {
  /** Name of the consumer, at most 255 bytes, the same in all of its processes: receipts belong to it. */
  readonly name: string;
  /** The database that the handler writes to; it needs `transactions`, `inbox` and `parking`. Never closed from here. */
  readonly store: OutboxStore<Tx, M, Root>;
  /** Where messages come from. Never closed from here. */
  readonly source: MessageSource;
  /**
   * Applies the effects of a message in the transaction that holds its receipt. What it throws rolls everything back;
   * an `OutboxError` of the code `MESSAGE_REJECTED` says that further attempts would fail as well.
   */
  readonly handler: Handler<Tx, M, unknown>;
  /**
   * `'key'`: messages of one topic and key are handled one after the other, in the order in which this process gets
   * them. `'none'`: all side by side. Default: `'key'`.
   */
  readonly order?: 'key' | 'none' | undefined;
  /** Transactions at the same time. Default: 8. */
  readonly concurrency?: number | undefined;
  /** Messages in one transaction, which saves commits; one that fails is separated from the rest. Default: 1. */
  readonly batchMessages?: number | undefined;
  /**
   * Deliveries that this process holds at most, those that wait for another attempt included: more than the keys that
   * may fail at one time, or the others wait as well. Default: 100.
   */
  readonly prefetch?: number | undefined;
  /**
   * How often and how soon a failed message is handled again. Default: 20 attempts, the first wait half a second, each
   * twice the one before, up to ten minutes.
   */
  readonly retry?: RetryOptions | undefined;
  /**
   * Who keeps a message that is given up: the `'inbox'`, in the database, from which it can be redriven, or the
   * `'source'`. What is no message, or cannot be stored, always goes to the source. Default: `'inbox'`.
   */
  readonly deadLetters?: 'inbox' | 'source' | undefined;
  /** Milliseconds between looks for parked messages that somebody redrove. Default: 1,000. */
  readonly redriveIntervalMs?: number | undefined;
  /** Milliseconds between purges of old receipts; 0 for none. Default: 60,000. */
  readonly purgeIntervalMs?: number | undefined;
  /** Receives every event. What it throws is ignored. Default: none. */
  readonly onEvent?: ConsumerListener | undefined;
  /** Default: the system's. Replaced in tests. */
  readonly clock?: Clock | undefined;
  /** Default: the system's. Replaced in tests. */
  readonly random?: Random | undefined;
}

/** Checked {@link ConsumerOptions}. */
export interface ConsumerSettings<Tx, M extends Mode, Root> {
  readonly name: string;
  readonly store: OutboxStore<Tx, M, Root>;
  readonly transactions: TransactionsFacet<Tx, M>;
  readonly inbox: InboxFacet<Tx, M>;
  readonly parking: ParkingFacet;
  readonly source: MessageSource;
  readonly handler: Handler<Tx, M, unknown>;
  readonly order: 'key' | 'none';
  readonly concurrency: number;
  readonly batchMessages: number;
  readonly prefetch: number;
  readonly retry: RetrySettings;
  readonly deadLetters: 'inbox' | 'source';
  readonly redriveIntervalMs: number;
  readonly purgeIntervalMs: number;
  readonly onEvent: ConsumerListener | undefined;
  readonly clock: Clock;
  readonly random: Random;
}

const OWNER = 'createConsumer';
const DAY_MS = 86_400_000;

/** Checks the options of `createConsumer`; throws a `TypeError` that names the wrong one. */
export function readConsumerOptions<Tx, M extends Mode, Root>(
  options: ConsumerOptions<Tx, M, Root>,
): ConsumerSettings<Tx, M, Root> {
  const settings = readOptions(OWNER, options, {
    name: receiptText,
    store: guardStore<Tx, M, Root>,
    source: guardSource,
    handler: (value, name) => {
      if (typeof value === 'function') return value as Handler<Tx, M, unknown>;
      throw new TypeError(`${name} must be a function (tx, message) => …; got ${describe(value)}.`);
    },
    order: oneOf<'key' | 'none'>('key', ['key', 'none']),
    concurrency: integer(8, 1, 1_000),
    batchMessages: integer(1, 1, 1_000),
    prefetch: integer(100, 1, 100_000),
    retry: (value: unknown) => readRetry(`${OWNER}: option "retry"`, value),
    deadLetters: oneOf<'inbox' | 'source'>('inbox', ['inbox', 'source']),
    redriveIntervalMs: integer(1_000, 10, DAY_MS),
    purgeIntervalMs: integer(60_000, 0, DAY_MS),
    onEvent: optionalFunction<ConsumerListener>(),
    clock: withMethods<Clock>(systemClock, ['monotonicMs', 'setTimer', 'yield']),
    random: withMethods<Random>(systemRandom, ['unit', 'token']),
  });
  const { store } = settings;
  return {
    ...settings,
    transactions: needed(store, store.transactions, 'transactions'),
    inbox: needed(store, store.inbox, 'inbox'),
    parking: needed(store, store.parking, 'parking'),
  };
}

function receiptText(value: unknown, name: string): string {
  if (isReceiptText(value)) return value;
  throw new TypeError(`${name} must be a text of 1 to 255 bytes, without NUL; got ${describe(value)}.`);
}

/** A facet that the caller cannot do without. */
export function needed<F>(store: { readonly name: string }, facet: F | undefined, name: string): F {
  if (facet !== undefined) return facet;
  throw new OutboxError('NOT_SUPPORTED', `The store "${store.name}" does not offer the ${name} facet.`);
}
