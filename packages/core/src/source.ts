import type { SourceCapabilities } from './capabilities.ts';
import type { ConsumedMessage } from './parking.ts';

/**
 * A broker that messages are consumed from: the counterpart of a transport. Its duties are clauses C1 to C6 of `spec/source.md`.
 *
 * A source hands out deliveries and keeps each until it is acknowledged, rejected or released, or until its consumer
 * is gone; then it hands it out again, to whoever asks.
 */
export interface MessageSource {
  /** The version of the contract that this source implements. */
  readonly spec: 1;
  /** Short name for logs and events, for example `redis`. */
  readonly name: string;
  readonly capabilities: SourceCapabilities;

  /**
   * Yields up to `limit` deliveries, in the order of the broker; none when nothing came within `waitMs` or when
   * `signal` aborted. What it yields is in the caller's hands until it is dealt with, however long that takes, for as
   * long as the source is open.
   *
   * Rejects when the broker cannot be reached or refuses; calling it again is the way to go on.
   */
  receive(request: ReceiveRequest, signal: AbortSignal): Promise<readonly SourceDelivery[]>;

  /** The messages were handled: none of them is delivered to this group of consumers again. Safe to repeat. */
  acknowledge(deliveries: readonly SourceDelivery[]): Promise<void>;

  /** The deliveries are given up for good: the broker keeps them with the reason, where it can, or drops them. */
  reject(rejections: readonly Rejection[]): Promise<void>;

  /** Gives deliveries back untouched: they are available to every consumer at once. */
  release(deliveries: readonly SourceDelivery[]): Promise<void>;

  /** Ends the source's own connections and timers. What was not dealt with is delivered again. Idempotent. */
  close(): Promise<void>;
}

/** What a consumer asks of {@link MessageSource.receive}. */
export interface ReceiveRequest {
  /** At most this many deliveries. */
  readonly limit: number;
  /** How long to wait for the first one, in milliseconds. */
  readonly waitMs: number;
}

/** A message in the hands of one consumer. */
export interface SourceDelivery {
  /** `null` when what the broker holds is no message; {@link SourceDelivery.undecodable} says why. */
  readonly message: ConsumedMessage | null;
  readonly undecodable: string | null;
  /** Where the broker keeps it, for people: a stream and an entry, for example. */
  readonly place: string;
  /**
   * How often it was handed out, this time included: 1 tells that nobody has tried it before. A source whose broker
   * tells no more than that says 2 for every further delivery.
   */
  readonly deliveryCount: number;
  /** The source's own reference; core hands it back untouched. */
  readonly ref: unknown;
}

/** A delivery that is given up. */
export interface Rejection {
  readonly delivery: SourceDelivery;
  readonly reason: 'rejected' | 'attempts-exhausted' | 'undecodable';
  /** Text of the failure, for people. */
  readonly error: string;
}
