import { MAX_ID_BYTES } from './capabilities.ts';
import { isReceiptText, keepable } from './consumer/keepable.ts';
import { needed } from './consumer/options.ts';
import { type GivenUp, type Handled, type Intake, Receiver, type Withheld } from './consumer/receiver.ts';
import { OutboxError } from './errors.ts';
import type { InboxFacet, Receipt, TransactionsFacet } from './facets.ts';
import { guardStore } from './guard/guard-store.ts';
import type { ConsumedMessage, ParkingFacet, ParkReason } from './parking.ts';
import { integer, readOptions } from './settings.ts';
import type { Mode, OutboxStore, Result } from './store.ts';

/** Options of {@link createInbox}. */
export interface InboxOptions<Tx, M extends Mode, Root> {
  /** Where receipts are kept: the database that the handler writes to. The inbox never closes it. */
  readonly store: OutboxStore<Tx, M, Root>;
  /**
   * Attempts before a message is parked, those counted that ended with the death of the process. Needs the facet
   * `parking` and, in every delivery, a whole message. Default: no limit, and nothing is counted.
   */
  readonly maxAttempts?: number | undefined;
}

/** A message as far as its consumer has it. */
export interface DeliveredMessage extends Partial<Omit<ConsumedMessage, 'id' | 'createdAt'>> {
  readonly id: string;
  readonly createdAt?: Date | null | undefined;
}

/** A message on its way to one consumer. */
export interface Delivery {
  /** Name of the consumer, at most 255 bytes; every consumer of a message processes it once. */
  readonly consumer: string;
  /** The message, or whatever else carries its id; with `maxAttempts` it needs a topic, too. */
  readonly message: DeliveredMessage;
  /**
   * Whether the broker says that it delivered the message before. `false` saves the commit that otherwise records the
   * attempt before the handler runs. Default: not known. Counts with `maxAttempts` only.
   */
  readonly redelivered?: boolean | undefined;
}

/** What became of a delivery. */
export type Received<T> =
  | { readonly status: 'processed'; readonly value: T }
  /** It was processed or parked before; the handler did not run. As good a reason to acknowledge as `processed`. */
  | { readonly status: 'duplicate' }
  /** Its attempts are used up, or the handler rejected it: the inbox keeps it. Acknowledge it. */
  | { readonly status: 'parked'; readonly reason: ParkReason; readonly error: string };

/** What became of one delivery of a batch. */
export type BatchReceived<T> =
  | Received<T>
  /** The handler threw, and nothing of it remains. Do not acknowledge it. */
  | { readonly status: 'failed'; readonly error: unknown }
  /** One before it, of its topic and key, failed, so it was not tried. Do not acknowledge it. */
  | { readonly status: 'withheld' };

/** The consuming side: lets the effects of a message happen once per consumer, within the retention of receipts. */
export interface Inbox<Tx, M extends Mode> {
  /**
   * Opens a transaction, records the receipt, runs the handler with the same transaction, commits.
   *
   * Resolves after the commit: acknowledge then, not before. A handler that throws leaves neither effects nor receipt,
   * and its error is passed on, unless that parked the message. A handler that throws an `OutboxError` of the code
   * `MESSAGE_REJECTED` has it parked at once. On a synchronous store the handler must be synchronous.
   */
  receive<T>(delivery: Delivery, handler: InboxHandler<Tx, M, T>): Promise<Received<T>>;

  /**
   * Handles several deliveries in one transaction, in their order, and answers for each.
   *
   * When one of them fails, the transaction is rolled back and each is handled in one of its own, so that a failure
   * takes no neighbour with it. Those that a broker delivered before are handled alone from the start.
   */
  receiveBatch<T>(
    deliveries: readonly Delivery[],
    handler: InboxHandler<Tx, M, T>,
  ): Promise<readonly BatchReceived<T>[]>;

  /**
   * Records the receipt in a transaction of the caller; `false` means duplicate: skip the effects and commit.
   *
   * Throws `MESSAGE_INVALID` when the consumer or the id of the message is missing. Counts and parks nothing.
   */
  record(tx: Tx, delivery: Delivery): Result<M, boolean>;
}

/** Applies the effects of a message in the transaction it gets. */
export type InboxHandler<Tx, M extends Mode, T> = (tx: Tx, message: ConsumedMessage) => Result<M, T>;

/**
 * Creates the consuming side.
 *
 * @example
 * const inbox = createInbox({ store });
 * await inbox.receive({ consumer: 'billing', message }, (tx) => {
 *   insertInvoice.run(message.id);
 * });
 */
export function createInbox<Tx, M extends Mode, Root>(options: InboxOptions<Tx, M, Root>): Inbox<Tx, M> {
  const { store, maxAttempts } = readOptions('createInbox', options, {
    store: guardStore<Tx, M, Root>,
    maxAttempts: (value, name) => (value === undefined ? null : integer(1, 1, 1_000_000)(value, name)),
  });
  const receipts = needed<InboxFacet<Tx, M>>(store, store.inbox, 'inbox');
  const counting = maxAttempts !== null;
  const parking = counting ? needed<ParkingFacet>(store, store.parking, 'parking') : null;
  const synchronous = store.capabilities.append === 'sync';
  const write = (tx: Tx, delivery: Delivery): Result<M, boolean> => receipts.record(tx, receiptOf(delivery));
  let made: Receiver<Tx, M> | undefined;
  /** Only now: a store without transactions of its own still serves `record`. */
  const receiver = (): Receiver<Tx, M> => {
    made ??= new Receiver<Tx, M>({
      transactions: needed<TransactionsFacet<Tx, M>>(store, store.transactions, 'transactions'),
      inbox: receipts,
      parking,
      limits: store.capabilities.limits,
      synchronous,
      maxAttempts: maxAttempts ?? Number.POSITIVE_INFINITY,
      park: true,
    });
    return made;
  };
  const intakeOf = (delivery: Delivery): Intake => {
    const { consumer, messageId } = receiptOf(delivery);
    const message = consumedOf(delivery.message, messageId);
    if (counting && !keepable(message, store.capabilities.limits)) throw unkeepable();
    return {
      consumer,
      message,
      suspect: counting && delivery.redelivered !== false,
      // A first delivery has none, and any other one is a suspect.
      counted: false,
      redrives: 0,
    };
  };

  return {
    /** On an asynchronous store a refusal is a rejection, never a throw, so that `.catch()` sees all of them. */
    record(tx, delivery) {
      if (synchronous) return write(tx, delivery);
      return (async () => write(tx, delivery))() as unknown as Result<M, boolean>;
    },

    async receive(delivery, handler) {
      const handled = await receiver().handle(intakeOf(delivery), handler);
      if (handled.status === 'failed') throw handled.error;
      return handled.status === 'given-up' ? parkedOf(handled) : handled;
    },

    async receiveBatch(deliveries, handler) {
      const intakes = deliveries.map(intakeOf);
      const handled = await handleBatch(receiver(), intakes, handler);
      return handled.map((each) => {
        if (each.status === 'failed') return { status: 'failed', error: each.error };
        return each.status === 'given-up' ? parkedOf(each) : each;
      });
    },
  };
}

/** Handles runs of first deliveries together and every suspect alone, in the order of the deliveries. */
async function handleBatch<Tx, M extends Mode, T>(
  receiver: Receiver<Tx, M>,
  intakes: readonly Intake[],
  handler: InboxHandler<Tx, M, T>,
): Promise<readonly (Handled<T> | Withheld)[]> {
  const handled: (Handled<T> | Withheld)[] = [];
  const failed = new Set<string>();
  let run: Intake[] = [];
  const flush = async (): Promise<void> => {
    const together = run;
    run = [];
    if (together.length > 0) handled.push(...(await receiver.handleTogether(together, handler, failed)));
  };
  for (const intake of intakes) {
    if (intake.suspect) await flush();
    run.push(intake);
    if (intake.suspect) await flush();
  }
  await flush();
  return handled;
}

function parkedOf({ reason, error }: GivenUp): Received<never> {
  return { status: 'parked', reason, error };
}

function consumedOf(message: DeliveredMessage, id: string): ConsumedMessage {
  return {
    id,
    topic: message.topic ?? '',
    key: message.key ?? null,
    headers: message.headers ?? {},
    payload: message.payload ?? null,
    contentType: message.contentType ?? 'application/json',
    createdAt: message.createdAt ?? new Date(),
  };
}

function receiptOf(delivery: Delivery): Receipt {
  const { consumer, message } = delivery ?? {};
  for (const [field, value] of [
    ['consumer', consumer],
    ['message.id', message?.id],
  ] as const) {
    if (isReceiptText(value)) continue;
    throw new OutboxError(
      'MESSAGE_INVALID',
      `A receipt needs "${field}" as a text of 1 to ${MAX_ID_BYTES} bytes, without NUL and lone surrogates: duplicates are recognised by it.`,
    );
  }
  return { consumer, messageId: message.id };
}

function unkeepable(): OutboxError {
  return new OutboxError(
    'MESSAGE_INVALID',
    'An inbox with "maxAttempts" must be able to keep the message: give it a topic and whatever else it consists of, within the limits of the store.',
  );
}
