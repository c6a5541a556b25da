import { AssertionError } from 'node:assert/strict';
import type { AppendReport, NewMessage, OutboxStore } from '@outrelay/core';
import type { Restore } from '../harness/harness.ts';
import type { ApplicationTransaction } from '../harness/store-harness.ts';

/** Append inside a transaction of the caller. */
export const IN_TRANSACTION = { autocommit: false };

/** An open transaction of the application, in the hands of a clause. */
export class OpenTransaction {
  readonly transaction: ApplicationTransaction;
  readonly #store: OutboxStore;
  #ended = false;

  constructor(transaction: ApplicationTransaction, store: OutboxStore) {
    this.transaction = transaction;
    this.#store = store;
  }

  get handle(): unknown {
    return this.transaction.handle;
  }

  /** Appends; rejects even when a synchronous store throws. */
  async append(...messages: readonly NewMessage[]): Promise<AppendReport> {
    return this.#store.append(this.handle, messages, IN_TRANSACTION);
  }

  async commit(): Promise<void> {
    await this.transaction.commit();
    this.#ended = true;
  }

  async rollback(): Promise<void> {
    await this.transaction.rollback();
    this.#ended = true;
  }

  async savepoint(): Promise<Restore> {
    if (this.transaction.savepoint !== undefined) return this.transaction.savepoint();
    throw new AssertionError({
      message: 'the store declares savepoints, but the transactions of the harness offer no savepoint()',
    });
  }

  /** Rolls back what a clause left open; the clause has failed already or does not care. */
  async abandon(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    await this.transaction.rollback().catch(() => {});
  }
}
