import type { ConsumedMessage } from '../parking.ts';
import type { Rejection } from '../source.ts';

/**
 * What a consumer reports while it works, for logs, metrics and traces.
 *
 * Events carry identifiers, counts and times, and messages as objects; nothing here puts a payload into text.
 */
export type ConsumerEvent =
  | { readonly type: 'consumer-started'; readonly consumer: string }
  | { readonly type: 'consumer-stopped'; readonly consumer: string; readonly unfinished: number }
  | DeliveryHandledEvent
  | DeliveryRetryEvent
  | DeliveryGivenUpEvent
  /** A call on the source failed; the consumer tries again after `delayMs` milliseconds. */
  | {
      readonly type: 'source-failed';
      readonly during: 'receive' | 'acknowledge' | 'reject' | 'release';
      readonly error: unknown;
      readonly delayMs: number;
    }
  /** The database does not answer; the consumer tries again after `delayMs` milliseconds, and nothing is charged. */
  | {
      readonly type: 'store-failed';
      readonly during: 'handle' | 'take' | 'purge';
      readonly error: unknown;
      readonly delayMs: number;
    }
  | { readonly type: 'purged'; readonly removed: number };

/** The effects of a message are committed: by this delivery, or, for a duplicate, before. */
export interface DeliveryHandledEvent {
  readonly type: 'delivery-handled';
  readonly message: ConsumedMessage;
  readonly duplicate: boolean;
  /** Whether it was parked and redriven. */
  readonly redriven: boolean;
  /** Milliseconds from the beginning of its last attempt to the commit. */
  readonly durationMs: number;
}

/** The handler failed and will be called again. */
export interface DeliveryRetryEvent {
  readonly type: 'delivery-retry';
  readonly message: ConsumedMessage;
  readonly error: unknown;
  readonly attempts: number;
  readonly delayMs: number;
}

/** A delivery is not tried again. */
export interface DeliveryGivenUpEvent {
  readonly type: 'delivery-given-up';
  /** `null` when what came was no message. */
  readonly message: ConsumedMessage | null;
  /** Where the broker had it. */
  readonly place: string;
  readonly reason: Rejection['reason'];
  readonly error: string;
  /** `inbox`: it is parked there. `source`: the broker got it back as rejected. */
  readonly keeper: 'inbox' | 'source';
}

/** Receives events; whatever it throws is caught, so that a broken listener never stops a consumer. */
export type ConsumerListener = (event: ConsumerEvent) => void;
