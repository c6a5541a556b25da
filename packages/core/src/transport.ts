import type { TransportCapabilities } from './capabilities.ts';
import type { Message } from './message.ts';

/**
 * A broker or endpoint that messages are published to.
 *
 * Core checks sizes, splits batches, enforces order and the lifecycle around every transport. The numbered clauses
 * are in `spec/transport.md`.
 */
export interface Transport {
  /** The version of the contract that this transport implements. */
  readonly spec: 1;
  /** Short name for logs and events, for example `redis`. */
  readonly name: string;
  readonly capabilities: TransportCapabilities;

  /**
   * Publishes messages and resolves with one result per message, in order, once the outcome of each is known.
   *
   * May be called again while earlier calls are under way. When `signal` aborts it resolves soon, with `unknown` for
   * what may have been sent. Rejects with `TRANSPORT_UNAVAILABLE` when the broker as a whole cannot be reached and
   * nothing was sent: no message is charged an attempt. Any other rejection counts as `unknown` for every message.
   */
  publish(messages: readonly Message[], signal: AbortSignal): Promise<readonly PublishResult[]>;

  /** Waits for calls under way, then ends the transport's own connections. Idempotent. */
  close(): Promise<void>;

  readonly connectivity?: ConnectivityFacet | undefined;
}

/** Lets a breaker find out that a broker is back without risking a message. */
export interface ConnectivityFacet {
  /** Resolves when the broker answers; rejects with `TRANSPORT_UNAVAILABLE` when it does not. */
  check(signal: AbortSignal): Promise<void>;
}

/**
 * What became of one message.
 *
 * - `accepted`: the broker confirmed it, in the sense the transport's capabilities declare.
 * - `duplicate`: the broker had it already; as good as accepted.
 * - `rejected`: it will never be taken; becomes a dead letter.
 * - `failed`: not taken this time; retried.
 * - `unknown`: no answer, it may have been stored; retried with the same id.
 * - `withheld`: not sent, because an earlier message of its topic and key was not accepted; nothing is charged.
 */
export type PublishResult =
  | { readonly status: 'accepted' }
  | { readonly status: 'duplicate' }
  | { readonly status: 'withheld' }
  | { readonly status: 'rejected'; readonly error: unknown }
  | { readonly status: 'unknown'; readonly error: unknown }
  | {
      readonly status: 'failed';
      readonly error: unknown;
      /** Milliseconds the broker asked to wait. Default: the retry policy decides. */
      readonly retryAfterMs?: number | undefined;
    };

/** Shared results without details, so that a batch allocates nothing for its normal case. */
export const ACCEPTED: PublishResult = { status: 'accepted' };
/** See {@link ACCEPTED}. */
export const DUPLICATE: PublishResult = { status: 'duplicate' };
/** See {@link ACCEPTED}. */
export const WITHHELD: PublishResult = { status: 'withheld' };
