import { ACCEPTED, DUPLICATE, type Message, type PublishResult, WITHHELD } from '@outrelay/core';
import type { Faults } from './faults.ts';
import type { Ledger } from './ledger.ts';
import { deliveryOf } from './rows.ts';
import type { SeededRandom } from './seeded-random.ts';

/** A broker: takes messages in order, refuses what is wrong with them, and has bad moments. */
export class Broker {
  readonly #ledger: Ledger;
  readonly #faults: Faults;
  readonly #random: SeededRandom;
  readonly #deduplicates: boolean;
  readonly #known = new Set<string>();

  constructor(ledger: Ledger, faults: Faults, random: SeededRandom, deduplicates: boolean) {
    this.#ledger = ledger;
    this.#faults = faults;
    this.#random = random;
    this.#deduplicates = deduplicates;
  }

  /** Takes the messages of one call; `keepsOrder` leaves out what stands behind a failure in its key. */
  take(messages: readonly Message[], keepsOrder: boolean): PublishResult[] {
    const stopped = new Set<string>();
    return messages.map((message) => {
      const { orderKey } = deliveryOf(message).row;
      if (stopped.has(orderKey)) return WITHHELD;
      const result = this.#takeOne(message);
      if (keepsOrder && result !== ACCEPTED && result !== DUPLICATE) stopped.add(orderKey);
      return result;
    });
  }

  #takeOne(message: Message): PublishResult {
    const error = new Error('as the seed says');
    if (message.headers['rejected'] !== undefined) return { status: 'rejected', error };
    if (this.#faults.isBroken(message.topic)) return { status: 'failed', error };
    if (this.#faults.throttleMs > 0)
      return { status: 'failed', error, retryAfterMs: this.#faults.throttleMs };
    if (this.#faults.messageFails()) {
      if (this.#random.chance(0.5)) return { status: 'failed', error };
      if (this.#random.chance(0.5)) this.#store(message);
      return { status: 'unknown', error };
    }
    return this.#store(message) ? ACCEPTED : DUPLICATE;
  }

  /** Answers whether it was new. */
  #store(message: Message): boolean {
    if (this.#deduplicates && this.#known.has(message.deduplicationId)) return false;
    this.#known.add(message.deduplicationId);
    this.#ledger.stored(deliveryOf(message));
    return true;
  }
}
