import type { RedrivenMessage } from '../parking.ts';
import type { Control } from '../relay/control.ts';
import { Backoff, Pacing } from '../relay/pacing.ts';
import { retryDelayMs } from '../relay/retry-policy.ts';
import type { SourceDelivery } from '../source.ts';
import type { Mode } from '../store.ts';
import { Acknowledger } from './acknowledger.ts';
import type { ConsumerListener } from './events.ts';
import { FAILURE_BACKOFF } from './intake.ts';
import { isReceiptText } from './keepable.ts';
import { type Held, KeyLanes } from './key-lanes.ts';
import type { ConsumerSettings } from './options.ts';
import { type Handled, Receiver, type Withheld } from './receiver.ts';

/** What a consumer has in hands: begins handlers as keys and concurrency allow, and concludes what they come to. */
export class Desk<Tx, M extends Mode, Root> {
  readonly settings: ConsumerSettings<Tx, M, Root>;
  readonly control: Control;
  readonly emit: ConsumerListener;
  /** Wakes whoever waits for room. */
  readonly room: Pacing;
  readonly #receiver: Receiver<Tx, M>;
  readonly #lanes: KeyLanes;
  readonly #acknowledger: Acknowledger;
  readonly #idle: Pacing;
  /** Waits while the database does not answer: for all keys together. */
  readonly #storeBackoff: Backoff;
  #notBeforeMs = 0;
  #transactions = 0;
  #handling = 0;
  #cancelTimer: (() => void) | null = null;

  constructor(settings: ConsumerSettings<Tx, M, Root>, control: Control, emit: ConsumerListener) {
    const { store, transactions, inbox, parking, retry, deadLetters, source, clock } = settings;
    this.settings = settings;
    this.control = control;
    this.emit = emit;
    this.room = new Pacing(clock);
    this.#idle = new Pacing(clock);
    this.#lanes = new KeyLanes(settings.order === 'key');
    this.#storeBackoff = new Backoff(FAILURE_BACKOFF, this.unit);
    this.#receiver = new Receiver<Tx, M>({
      transactions,
      inbox,
      parking,
      limits: store.capabilities.limits,
      synchronous: store.capabilities.append === 'sync',
      maxAttempts: retry.maxAttempts,
      park: deadLetters === 'inbox',
    });
    const backoff = new Backoff(FAILURE_BACKOFF, this.unit);
    this.#acknowledger = new Acknowledger({
      send: (deliveries) => source.acknowledge(deliveries),
      sent: () => backoff.reset(),
      failed: async (error) => {
        const delayMs = backoff.nextMs();
        emit({ type: 'source-failed', during: 'acknowledge', error, delayMs });
        await control.restUntilAbandoned(delayMs);
        return !control.abandoned.aborted;
      },
    });
  }

  get store(): ConsumerSettings<Tx, M, Root>['store'] {
    return this.settings.store;
  }

  get clock(): ConsumerSettings<Tx, M, Root>['clock'] {
    return this.settings.clock;
  }

  /** Deliveries that are being handled at the moment. */
  get handling(): number {
    return this.#handling;
  }

  /** How many deliveries more may be held. */
  get free(): number {
    return this.settings.prefetch - this.#lanes.held;
  }

  readonly unit = (): number => this.settings.random.unit();

  addDeliveries(deliveries: readonly SourceDelivery[]): void {
    for (const delivery of deliveries) {
      const { message, undecodable } = delivery;
      const error =
        undecodable ?? (isReceiptText(message?.id) ? null : 'The id is not a text of 1 to 255 bytes.');
      this.#lanes.add({
        delivery,
        message: error === null ? message : null,
        redrives: 0,
        suspect: error === null && delivery.deliveryCount > 1,
        counted: false,
        verdict: error === null ? null : { reason: 'undecodable', error },
      });
    }
    this.#pump();
  }

  addRedriven(taken: readonly RedrivenMessage[]): void {
    // A suspect, because it may be in the inbox for having ended processes.
    for (const { message, redrives } of taken)
      this.#lanes.add({ delivery: null, message, redrives, suspect: true, counted: true, verdict: null });
    this.#pump();
  }

  /** Gives back what nobody has begun with, also what waits for another attempt. */
  async letGo(): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    const deliveries = this.#lanes.letGo().flatMap(({ delivery }) => delivery ?? []);
    await this.settings.source.release(deliveries).catch((error: unknown) => {
      // They are delivered again all the same, once the broker misses their consumer.
      this.emit({ type: 'source-failed', during: 'release', error, delayMs: 0 });
    });
  }

  /** Resolves when nothing is being handled. */
  async idle(): Promise<void> {
    while (this.#transactions > 0) await this.#idle.wait(this.#idle.mark(), Number.POSITIVE_INFINITY);
  }

  /** Resolves when everything that was handled is acknowledged, or that was given up. */
  acknowledged(): Promise<void> {
    return this.#acknowledger.idle();
  }

  #pump(): void {
    const { concurrency, batchMessages } = this.settings;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    if (this.control.stopping) return;
    const nowMs = this.clock.monotonicMs();
    if (nowMs < this.#notBeforeMs) return this.#pumpAt(this.#notBeforeMs, nowMs);
    while (this.#transactions < concurrency) {
      const taken = this.#lanes.take(batchMessages, nowMs, this.#transactions === 0);
      if (taken.length === 0) break;
      this.#transactions++;
      this.#handling += taken.length;
      void this.#run(taken).then(() => {
        this.#lanes.free(taken);
        this.#transactions--;
        this.#handling -= taken.length;
        this.#idle.wake();
        this.room.wake();
        this.#pump();
      });
      if (taken[0]?.suspect === true) break;
    }
    const nextMs = this.#lanes.nextReadyAtMs(nowMs);
    if (nextMs !== null && this.#cancelTimer === null) this.#pumpAt(nextMs, nowMs);
  }

  #pumpAt(atMs: number, nowMs: number): void {
    this.#cancelTimer = this.clock.setTimer(atMs - nowMs, () => this.#pump());
  }

  /** Never rejects. */
  async #run(taken: readonly Held[]): Promise<void> {
    const startedAtMs = this.clock.monotonicMs();
    const [first] = taken;
    if (first?.verdict !== null && first !== undefined) return this.#reject(first);
    const intakes = taken.map(({ message, suspect, counted, redrives }) => ({
      consumer: this.settings.name,
      message: message as NonNullable<Held['message']>,
      suspect,
      counted,
      redrives,
    }));
    try {
      const handled = await this.#receiver.handleTogether(intakes, this.settings.handler);
      this.#storeBackoff.reset();
      for (const [at, each] of handled.entries()) await this.#conclude(taken[at] as Held, each, startedAtMs);
    } catch (error) {
      const delayMs = this.#storeBackoff.nextMs();
      this.#notBeforeMs = this.clock.monotonicMs() + delayMs;
      this.emit({ type: 'store-failed', during: 'handle', error, delayMs });
      for (const held of taken) this.#lanes.keep(held, this.#notBeforeMs);
    }
  }

  async #conclude(held: Held, handled: Handled<unknown> | Withheld, startedAtMs: number): Promise<void> {
    const message = held.message as NonNullable<Held['message']>;
    switch (handled.status) {
      case 'withheld':
        return this.#lanes.keep(held, 0);
      case 'failed': {
        const { error, attempts } = handled;
        const delayMs = retryDelayMs(this.settings.retry, attempts, this.unit());
        this.emit({ type: 'delivery-retry', message, error, attempts, delayMs });
        held.suspect = false;
        held.counted = true;
        // The inbox yields a redriven message again by itself.
        if (held.delivery === null) return this.#lanes.remove(held);
        return this.#lanes.keep(held, this.clock.monotonicMs() + delayMs);
      }
      case 'given-up': {
        const { reason, error, parked } = handled;
        if (!parked && held.delivery !== null) {
          held.verdict = { reason, error };
          return this.#reject(held);
        }
        const place = held.delivery?.place ?? 'inbox';
        this.emit({ type: 'delivery-given-up', message, place, reason, error, keeper: 'inbox' });
        return this.#done(held);
      }
      case 'processed':
      case 'duplicate': {
        this.emit({
          type: 'delivery-handled',
          message,
          duplicate: handled.status === 'duplicate',
          redriven: held.delivery === null,
          durationMs: this.clock.monotonicMs() - startedAtMs,
        });
        return this.#done(held);
      }
    }
  }

  #done(held: Held): void {
    this.#lanes.remove(held);
    if (held.delivery !== null) this.#acknowledger.add(held.delivery);
  }

  async #reject(held: Held): Promise<void> {
    const { delivery, verdict, message } = held;
    if (delivery === null || verdict === null) return;
    try {
      await this.settings.source.reject([{ delivery, ...verdict }]);
      this.emit({ type: 'delivery-given-up', message, place: delivery.place, ...verdict, keeper: 'source' });
      this.#lanes.remove(held);
    } catch (error) {
      const delayMs = FAILURE_BACKOFF.minMs * 20;
      this.emit({ type: 'source-failed', during: 'reject', error, delayMs });
      this.#lanes.keep(held, this.clock.monotonicMs() + delayMs);
    }
  }
}
