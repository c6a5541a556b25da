import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { isOutboxError, OutboxError } from '@outrelay/core';
import { type MongoDocument, type MongoSession, TRANSACTION_OPTIONS } from './client.ts';
import type { CollectionName, Database } from './database.ts';
import {
  hasLabel,
  isDuplicateKey,
  isOfDriver,
  isTransient,
  isWriteConflict,
  storeFailure,
} from './errors.ts';
import { type Installation, Installations } from './installation.ts';
import type { MongoStoreSettings } from './options.ts';
import type { ServerClock } from './server-clock.ts';

/** Milliseconds after which a transaction of the store's own is no longer run again, nor its commit repeated. */
const RETRY_MS = 5_000;
/** The longest wait before the next try, in milliseconds. */
const MAX_WAIT_MS = 100;

/** Runs the store's own commands: those that belong to no transaction of a caller. */
export class Connection {
  readonly database: Database;
  readonly installations: Installations;
  readonly #closing = new AbortController();

  constructor(settings: MongoStoreSettings) {
    this.installations = new Installations(settings);
    this.database = this.installations.own;
  }

  get clock(): ServerClock {
    return this.installations.clock;
  }

  /** Reads documents of a collection. */
  async find(name: CollectionName, filter: object, options: object = {}): Promise<MongoDocument[]> {
    return (await this.database.collection(name).find(filter, options).toArray()) as MongoDocument[];
  }

  /**
   * Runs `work` outside of a transaction, in an installation that is there and fits. Runs it again when another writer
   * was in the way, also with an upsert of the same document: compatible servers report what MongoDB settles by itself.
   */
  async run<T>(work: (installation: Installation) => Promise<T>): Promise<T> {
    const again = (error: unknown): boolean => isWriteConflict(error) || isDuplicateKey(error);
    return this.#attempt(async () => work(await this.installations.get()), again);
  }

  /** Runs `work` outside of a transaction, whatever is installed. */
  async bare<T>(work: () => Promise<T>): Promise<T> {
    return this.#attempt(work, isWriteConflict);
  }

  /** Runs `work` in a transaction, and again from its start when it lost against another one. */
  async transaction<T>(work: (session: MongoSession) => Promise<T>): Promise<T> {
    return this.#attempt(async () => {
      await this.installations.get();
      return this.#inSession(async (session) => {
        const result = await work(session);
        await this.#commit(session);
        return result;
      });
    }, isTransient);
  }

  /**
   * Runs `work` of a caller in a transaction, and again from its start when it lost against another one, as the driver's
   * `withTransaction` does. Its other errors pass through untouched.
   */
  async lend<T>(work: (session: MongoSession) => Promise<T>): Promise<T> {
    const again = (error: unknown): boolean =>
      isOutboxError(error) ? error.code === 'STORE_CONFLICT' : isTransient(error);
    return this.#attempt(
      () => this.#lendOnce(work),
      again,
      (error) => error,
    );
  }

  #lendOnce<T>(work: (session: MongoSession) => Promise<T>): Promise<T> {
    return this.#inSession(async (session) => {
      const result = await work(session);
      try {
        // A driver sends nothing for a transaction in which nothing happened, so nobody would know of an outage.
        if (isUntouched(session)) await this.database.collection('schema').findOne({}, { session });
        await this.#commit(session);
      } catch (error) {
        throw storeFailure(error, this.database.place);
      }
      return result;
    });
  }

  /** Runs `work` with a session on which a transaction is open, and rolls back what it leaves open. */
  async #inSession<T>(work: (session: MongoSession) => Promise<T>): Promise<T> {
    const session = this.database.client.startSession();
    try {
      session.startTransaction(TRANSACTION_OPTIONS);
      return await work(session);
    } finally {
      if (session.inTransaction()) {
        // Where a reset has hit all connections, the driver hears of it when the event loop has polled, which the second
        // turn follows. Sent before, the abort would be lost and the transaction stay open for a minute.
        await setImmediate();
        await setImmediate();
        await session.abortTransaction().catch(() => {});
      }
      await session.endSession();
    }
  }

  /** Refuses what comes later, and what waits for another try. Idempotent. */
  close(): void {
    this.#closing.abort();
  }

  assertOpen(): void {
    if (!this.#closing.signal.aborted) return;
    throw new OutboxError('STORE_CLOSED', `The store on ${this.database.place} was closed.`);
  }

  async #attempt<T>(
    work: () => Promise<T>,
    again: (error: unknown) => boolean,
    failure: (error: unknown) => unknown = (error) => storeFailure(error, this.database.place),
  ): Promise<T> {
    const startedAtMs = performance.now();
    for (let waitMs = 2; ; waitMs = Math.min(MAX_WAIT_MS, waitMs * 2)) {
      this.assertOpen();
      try {
        return await work();
      } catch (error) {
        if (!again(error) || performance.now() - startedAtMs >= RETRY_MS) throw failure(error);
      }
      // The half that is left to chance keeps relays that met once from meeting again.
      await sleep(waitMs * (0.5 + Math.random() / 2), undefined, { signal: this.#closing.signal }).catch(
        () => {},
      );
    }
  }

  /**
   * Commits; while nobody knows whether it happened, asking again is safe and tells. The driver stumbles (a `TypeError`)
   * over a socket that fails while it writes the command.
   */
  async #commit(session: MongoSession): Promise<void> {
    const startedAtMs = performance.now();
    for (;;) {
      try {
        await session.commitTransaction();
        return;
      } catch (error) {
        const unknown = hasLabel(error, 'UnknownTransactionCommitResult') || !isOfDriver(error);
        if (!unknown || performance.now() - startedAtMs >= RETRY_MS) throw error;
      }
      await sleep(MAX_WAIT_MS);
    }
  }
}

/** Whether no command has been sent in the transaction. */
function isUntouched(session: MongoSession): boolean {
  const { transaction } = session as { transaction?: { isStarting?: unknown } };
  return transaction?.isStarting === true;
}
