import type { StoreLimits } from '../capabilities.ts';
import { errorText, isOutboxError } from '../errors.ts';
import type { InboxFacet, TransactionsFacet } from '../facets.ts';
import { causedBy } from '../lineage.ts';
import type { Charge, ConsumedMessage, ParkingFacet, ParkReason } from '../parking.ts';
import { chain, isThenable } from '../result.ts';
import type { Mode, Result } from '../store.ts';
import { keepable } from './keepable.ts';

/** What a handler gets. */
export type Handler<Tx, M extends Mode, T> = (tx: Tx, message: ConsumedMessage) => Result<M, T>;

/** A delivery that is about to be handled. */
export interface Intake {
  readonly consumer: string;
  readonly message: ConsumedMessage;
  /** Whether somebody had it in hands before and may have died of it: then its attempt is charged beforehand. */
  readonly suspect: boolean;
  /** Whether attempts of it are on record, which have to be forgotten in the end. */
  readonly counted: boolean;
  readonly redrives: number;
}

/** What became of a delivery. */
export type Handled<T> =
  | { readonly status: 'processed'; readonly value: T }
  /** It was processed or parked before; the handler did not run, or in vain. */
  | { readonly status: 'duplicate' }
  /** To be tried again. */
  | { readonly status: 'failed'; readonly error: unknown; readonly attempts: number }
  | GivenUp;

/** It was not tried, because one before it, of its topic and key, failed. */
export interface Withheld {
  readonly status: 'withheld';
}

/** A delivery that is not tried again. */
export interface GivenUp {
  readonly status: 'given-up';
  readonly reason: ParkReason;
  readonly error: string;
  /** What the handler threw; `null` when it never got that far. */
  readonly cause: unknown;
  readonly attempts: number;
  /** Whether the inbox keeps the message now; else whoever delivered it has to. */
  readonly parked: boolean;
}

/** Facets and bounds that a {@link Receiver} works with. */
export interface ReceiverSettings<Tx, M extends Mode> {
  readonly transactions: TransactionsFacet<Tx, M>;
  readonly inbox: InboxFacet<Tx, M>;
  /** `null`: attempts are not counted, every failure is passed on. */
  readonly parking: ParkingFacet | null;
  readonly limits: StoreLimits;
  readonly synchronous: boolean;
  readonly maxAttempts: number;
  /** Whether the inbox keeps what is given up. */
  readonly park: boolean;
}

/**
 * Handles deliveries: the receipt, the effects and the commit in one transaction, attempts counted outside of it.
 *
 * A first delivery is charged only when it fails, so that the normal case costs nothing. Whoever dies of a message
 * cannot charge it; its next delivery is one that somebody had before, and those are charged before the handler runs.
 * Rejects when the database does not answer: no attempt is spent then.
 */
export class Receiver<Tx, M extends Mode> {
  readonly #settings: ReceiverSettings<Tx, M>;

  constructor(settings: ReceiverSettings<Tx, M>) {
    this.#settings = settings;
  }

  /** Handles one delivery in a transaction of its own. */
  async handle<T>(intake: Intake, handler: Handler<Tx, M, T>): Promise<Handled<T>> {
    let attempts = 0;
    if (intake.suspect) {
      const charge = await this.#charge(intake);
      if (charge.parked) return { status: 'duplicate' };
      attempts = charge.attempts;
      if (attempts > this.#settings.maxAttempts) {
        const times = attempts - 1;
        const text = `It was in hands ${times} ${times === 1 ? 'time' : 'times'} without an end: the process died, or was cut off, while the handler ran.`;
        return this.#giveUp(intake, 'attempts-exhausted', text, null, times);
      }
    }
    let handled: Handled<T>;
    try {
      [handled] = (await this.#transact([intake], handler)) as [Handled<T>];
    } catch (error) {
      return this.#failed(intake, error, attempts);
    }
    if (intake.suspect || intake.counted) await this.#forget(intake);
    return handled;
  }

  /**
   * Handles several deliveries in one transaction, in their order.
   *
   * When one of them fails nothing of them remains, and each is handled by itself. Behind one that fails the later
   * ones of its topic and key are `withheld`.
   *
   * @param failed - order keys of which a delivery has failed before; those that fail now are added
   */
  async handleTogether<T>(
    intakes: readonly Intake[],
    handler: Handler<Tx, M, T>,
    failed: Set<string> = new Set(),
  ): Promise<readonly (Handled<T> | Withheld)[]> {
    const blocked = intakes.some(({ message }) => failed.has(orderKey(message) ?? ''));
    if (intakes.length > 1 && !blocked) {
      try {
        return await this.#transact(intakes, handler);
      } catch {
        // Whose failure it was shows when each is alone.
      }
    }
    const handled: (Handled<T> | Withheld)[] = [];
    for (const intake of intakes) {
      const order = orderKey(intake.message);
      if (order !== null && failed.has(order)) {
        handled.push({ status: 'withheld' });
        continue;
      }
      const one = await this.handle(intake, handler);
      if (one.status === 'failed' && order !== null) failed.add(order);
      handled.push(one);
    }
    return handled;
  }

  #transact<T>(intakes: readonly Intake[], handler: Handler<Tx, M, T>): Promise<readonly Handled<T>[]> {
    const { transactions, inbox } = this.#settings;
    return transactions.run((tx) => {
      const handled: Handled<T>[] = [];
      const from = (at: number): Result<M, readonly Handled<T>[]> => {
        const intake = intakes[at];
        if (intake === undefined) return handled as unknown as Result<M, readonly Handled<T>[]>;
        const { consumer, message } = intake;
        const next = (result: Handled<T>): readonly Handled<T>[] => {
          handled.push(result);
          return from(at + 1) as readonly Handled<T>[];
        };
        return chain<M, boolean, readonly Handled<T>[]>(
          inbox.record(tx, { consumer, messageId: message.id }),
          (first) =>
            first
              ? (chain<M, T, readonly Handled<T>[]>(this.#run(tx, intake, handler), (value) =>
                  next({ status: 'processed', value }),
                ) as readonly Handled<T>[])
              : next({ status: 'duplicate' }),
        );
      };
      return from(0);
    });
  }

  #run<T>(tx: Tx, { consumer, message }: Intake, handler: Handler<Tx, M, T>): Result<M, T> {
    const value = causedBy(message, () => handler(tx, message));
    if (this.#settings.synchronous && isThenable(value)) throw asyncHandler(consumer, value);
    return value;
  }

  async #failed<T>(intake: Intake, error: unknown, charged: number): Promise<Handled<T>> {
    const { maxAttempts, parking } = this.#settings;
    if (parking === null) return { status: 'failed', error, attempts: 0 };
    const charge = charged > 0 ? null : await this.#charge(intake);
    if (charge?.parked === true) return { status: 'duplicate' };
    const attempts = charge?.attempts ?? charged;
    if (isOutboxError(error) && error.code === 'MESSAGE_REJECTED')
      return this.#giveUp(intake, 'rejected', error.message, error, attempts);
    if (attempts < maxAttempts) return { status: 'failed', error, attempts };
    return this.#giveUp(intake, 'attempts-exhausted', errorText(error), error, attempts);
  }

  async #giveUp(
    intake: Intake,
    reason: ParkReason,
    error: string,
    cause: unknown,
    attempts: number,
  ): Promise<GivenUp> {
    const { parking, limits, park } = this.#settings;
    const { consumer, message, redrives } = intake;
    const parked = park && keepable(message, limits);
    if (parked) await parking?.park([{ consumer, message, attempts, reason, error, redrives }]);
    else await this.#forget(intake);
    return { status: 'given-up', reason, error, cause, attempts, parked };
  }

  async #charge({ consumer, message }: Intake): Promise<Charge> {
    const charges = await this.#settings.parking?.charge([{ consumer, messageId: message.id }]);
    return charges?.[0] ?? { attempts: 0, parked: false };
  }

  /** What is left behind when this fails is harmless: a purge removes counts, and a receipt stops what is redriven. */
  async #forget({ consumer, message }: Intake): Promise<void> {
    await this.#settings.parking?.forget([{ consumer, messageId: message.id }]).catch(() => {});
  }
}

/** What keeps order; `null` for a message without key. */
export function orderKey({ topic, key }: Pick<ConsumedMessage, 'topic' | 'key'>): string | null {
  return key === null ? null : `${topic}\0${key}`;
}

/** The transaction would commit before the effects of such a handler happen. */
function asyncHandler(consumer: string, running: PromiseLike<unknown>): TypeError {
  Promise.resolve(running).catch(() => {});
  return new TypeError(
    `The handler of ${JSON.stringify(consumer)} is asynchronous, but this store writes inside a synchronous transaction. Make the handler synchronous.`,
  );
}
