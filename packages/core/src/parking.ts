import type { Receipt } from './facets.ts';
import type { MessageContent } from './message.ts';
import type { DeadReason } from './store.ts';

/**
 * Counts the attempts of deliveries and keeps the messages that a consumer has given up.
 *
 * Every verb is a transaction of its own: what a handler did is rolled back when it fails, and what is known of the
 * failure must not be rolled back with it. No verb is part of the normal case: a delivery that succeeds at its first
 * attempt causes no call.
 */
export interface ParkingFacet {
  /**
   * Adds one attempt to each of these different deliveries; answers, in their order, with the state of each. Calls at
   * the same time all count. A delivery whose message is parked is left as it is.
   */
  charge(receipts: readonly Receipt[]): Promise<readonly Charge[]>;
  /** Keeps messages that are given up, each at the end of the list, and ends the count of their attempts. */
  park(messages: readonly ParkRequest[]): Promise<void>;
  /**
   * Yields the messages of a consumer that were redriven and are not in anybody's hands, the oldest first. Each is in
   * the hands of the caller for `holdMs`; what nobody has forgotten or parked by then is yielded again.
   */
  take(request: TakeRequest): Promise<readonly RedrivenMessage[]>;
  /** Ends the count of attempts of deliveries that are done with, and drops them where they were redriven. */
  forget(receipts: readonly Receipt[]): Promise<void>;
  /** Parked and redriven messages in the order they were parked, a page at a time. */
  list(request?: ParkedRequest): Promise<ParkedPage>;
  /** Makes the oldest `limit` parked messages available to `take`; answers with the number. */
  redrive(filter: ParkedFilter, limit: number): Promise<number>;
  /** Drops the oldest `limit` parked or redriven messages for good; answers with the number. */
  discard(filter: ParkedFilter, limit: number): Promise<number>;
}

/** The state of a delivery after a charge. */
export interface Charge {
  /** Attempts so far, the charged one included. */
  readonly attempts: number;
  /** Whether the message is parked; nothing was charged then. */
  readonly parked: boolean;
}

/** Why a consumer gave up a message. */
export type ParkReason = Exclude<DeadReason, 'undecodable'>;

/** A message as a consumer knows it. */
export interface ConsumedMessage extends MessageContent {
  /** When it was appended, as far as the broker carried that; else when it was received. */
  readonly createdAt: Date;
}

/** A message to be parked. */
export interface ParkRequest {
  readonly consumer: string;
  readonly message: ConsumedMessage;
  readonly attempts: number;
  readonly reason: ParkReason;
  /** Text of the failure, for people. */
  readonly error: string;
  /** How often the message has been redriven; 0 unless `take` yielded it. */
  readonly redrives: number;
}

/** What a consumer asks of {@link ParkingFacet.take}. */
export interface TakeRequest {
  readonly consumer: string;
  readonly limit: number;
  /** How long nobody else gets what this call yields, in milliseconds of the database's clock. */
  readonly holdMs: number;
}

/** A parked message that is to be handled again. */
export interface RedrivenMessage {
  readonly message: ConsumedMessage;
  /** How often it has been redriven, this time included. */
  readonly redrives: number;
}

/** Chooses parked messages; every given field must match. */
export interface ParkedFilter {
  readonly consumer?: string | undefined;
  /** Ids of messages. */
  readonly ids?: readonly string[] | undefined;
  readonly topic?: string | undefined;
  readonly key?: string | undefined;
  readonly reason?: ParkReason | undefined;
  /** Parked at or after this time. */
  readonly since?: Date | undefined;
  /** Parked before this time. */
  readonly until?: Date | undefined;
}

/** One page of parked messages. */
export interface ParkedRequest extends ParkedFilter {
  /** The `next` of the page before. Default: the first page. */
  readonly after?: string | undefined;
  /** Default: 100; at most 1,000. */
  readonly limit?: number | undefined;
}

/** Parked messages and where to go on. */
export interface ParkedPage {
  readonly messages: readonly ParkedMessage[];
  /** `null` on the last page. */
  readonly next: string | null;
}

/** What is kept of a message that a consumer gave up. */
export interface ParkedMessage extends ConsumedMessage {
  readonly consumer: string;
  /** `parked` waits for somebody to redrive or discard it, `redriven` for its consumer. */
  readonly state: 'parked' | 'redriven';
  readonly parkedAt: Date;
  readonly reason: ParkReason;
  readonly error: string;
  readonly attempts: number;
  /** How often it has been redriven. */
  readonly redrives: number;
}
