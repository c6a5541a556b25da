import type { ClaimedMessage } from './message.ts';
import type { DeadReason } from './store.ts';

/**
 * What a relay reports while it works, for logs, metrics and traces.
 *
 * Events carry identifiers, counts and times, and messages as objects; nothing here puts a payload into text.
 */
export type RelayEvent =
  | { readonly type: 'relay-started' | 'relay-paused' | 'relay-resumed'; readonly relay: string }
  | { readonly type: 'relay-stopped'; readonly relay: string; readonly unsettled: number }
  | { readonly type: 'lease-granted' | 'lease-released'; readonly lane: number }
  /** Somebody took over: outcomes recorded under the lease from here on are refused. */
  | { readonly type: 'lease-lost'; readonly lane: number; readonly unsettled: number }
  | BatchSettledEvent
  | MessageRetryEvent
  | MessageDeadEvent
  | {
      readonly type: 'breaker-opened';
      readonly scope: BreakerScope;
      readonly openMs: number;
      readonly error: string;
    }
  | { readonly type: 'breaker-closed'; readonly scope: BreakerScope }
  /** A call on the store failed; the relay tries again after `delayMs` milliseconds. */
  | {
      readonly type: 'store-failed';
      readonly during: StoreStep;
      readonly error: unknown;
      readonly delayMs: number;
    }
  /** A defect in the relay itself, or in an adapter beyond what the guards catch; the lane starts anew. */
  | { readonly type: 'lane-failed'; readonly lane: number; readonly error: unknown; readonly delayMs: number }
  | { readonly type: 'wakeups-lost'; readonly error: unknown }
  | { readonly type: 'wakeups-restored' }
  | { readonly type: 'purged'; readonly removed: number };

/** What a batch came to, once its outcomes are recorded. */
export interface BatchSettledEvent {
  readonly type: 'batch-settled';
  readonly lane: number;
  /** The messages that were confirmed and recorded, in order. */
  readonly accepted: readonly ClaimedMessage[];
  /** How many of `accepted` the broker reported as duplicates. */
  readonly duplicates: number;
  readonly retried: number;
  readonly dead: number;
  /** Messages handed back untried. */
  readonly returned: number;
  /** Milliseconds from the first read to the end of publishing, and from there to the end of the settle. */
  readonly publishMs: number;
  readonly settleMs: number;
}

/** A message failed and will be tried again. */
export interface MessageRetryEvent {
  readonly type: 'message-retry';
  readonly message: ClaimedMessage;
  readonly error: string;
  readonly delayMs: number;
}

/** A message became a dead letter. */
export interface MessageDeadEvent {
  readonly type: 'message-dead';
  readonly message: ClaimedMessage;
  readonly reason: DeadReason;
  readonly error: string;
}

/** What a breaker covers: a whole transport, or one topic on it. */
export interface BreakerScope {
  readonly transport: string;
  /** `null` for the whole transport. */
  readonly topic: string | null;
}

/** The call during which a store failed. */
export type StoreStep =
  | 'claim'
  | 'read'
  | 'settle'
  | 'renew'
  | 'release'
  | 'hand-over'
  | 'widen'
  | 'purge'
  | 'wakeups';

/** Receives events; whatever it throws is caught, so that a broken listener never stops a relay. */
export type RelayListener = (event: RelayEvent) => void;
