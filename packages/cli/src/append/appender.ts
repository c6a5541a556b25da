import {
  type Codec,
  createOutbox,
  guardStore,
  JSON_TYPE,
  type Outbox,
  type OutboxStore,
  payloadText,
  type TopicMap,
} from '@outrelay/core';
import { facetOf } from '../session/store-session.ts';
import type { JsonMessage } from './message-json.ts';

type AnyOutbox = Outbox<TopicMap, unknown, 'sync' | 'async', unknown>;

/** The payload is JSON text already; encoding it again would make a JSON string of it. */
const RAW_JSON: Codec = {
  contentType: JSON_TYPE,
  encode: (value) => value as string,
  decode: (payload) => JSON.parse(payloadText(payload)),
};

/** Checks messages one by one and appends them batch by batch. */
export class Appender {
  readonly #store: OutboxStore;
  readonly #outbox: AnyOutbox;
  readonly #checker: AnyOutbox;

  constructor(store: OutboxStore) {
    this.#store = store;
    this.#outbox = createOutbox({ store, codecs: [RAW_JSON] }) as AnyOutbox;
    this.#checker = createOutbox({ store: withoutWriting(store), codecs: [RAW_JSON] }) as AnyOutbox;
  }

  /** The most messages that one batch may have. */
  get maxBatch(): number {
    return this.#store.capabilities.limits.maxMessagesPerAppend;
  }

  /** Throws when the message cannot be stored as it is. Nothing reaches the database. */
  async check(message: JsonMessage): Promise<void> {
    await this.#checker.append(undefined, message);
  }

  /** Appends in one transaction: all or none. Answers with the number that were pending already under their id. */
  async append(messages: readonly JsonMessage[]): Promise<number> {
    const transactions = facetOf(this.#store, 'transactions');
    const { duplicates } = await transactions.run((tx) => this.#outbox.append(tx, messages));
    return duplicates.length;
  }
}

/** The same store for all checks, except that what passes them is not written. */
function withoutWriting(store: OutboxStore): OutboxStore {
  const report = { duplicates: [] };
  const append = (): typeof report | Promise<typeof report> =>
    store.capabilities.append === 'sync' ? report : Promise.resolve(report);
  return guardStore({ ...store, append });
}
