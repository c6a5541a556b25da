import { describe, OutboxError } from '@outrelay/core';
import type { CallerTransaction } from './append.ts';
import type { MysqlHandle, MysqlPool, MysqlPromisePool } from './client.ts';
import { callerFailure, isGuardRefusal } from './errors.ts';
import {
  inKnexTransaction,
  isKnexRoot,
  isKnexTransaction,
  type KnexRoot,
  type KnexTransaction,
  knexExecutor,
} from './knex-transaction.ts';
import {
  connectionExecutor,
  connectionOf,
  hasTransaction,
  isPool,
  pooledConnection,
  query,
  serverBehind,
} from './mysql2-transaction.ts';
import type { MysqlStoreSettings } from './options.ts';
import { keepsSavepoint } from './savepoint-probe.ts';

/**
 * What is known of a handle without asking the server.
 *
 * - `open`: a transaction is open on it. - `none`: no transaction was begun on it. - `closed`: its transaction has ended.
 * - `unknown`: the library does not say, so that the server is asked.
 */
export type TransactionState = 'open' | 'none' | 'closed' | 'unknown';

/**
 * Runs statements in a transaction that the application has opened and will end.
 *
 * This is all that the store needs of a database library: how to send a statement in the transaction, and whether there
 * is one. A library gets its adapter by implementing it and putting it into a {@link MysqlTransaction}.
 */
export interface TransactionExecutor {
  /** What the application passed, for error texts: `a Kysely transaction`. */
  readonly kind: string;
  state(): TransactionState;
  /**
   * Sends one statement as it is and answers with the number of rows it changed.
   *
   * There are no parameters: values stand in the statement as literals that mean the same on every connection, none of
   * which holds a `?`. Errors must keep `errno` and `code` of mysql2, on themselves or on a `cause`.
   */
  execute(sql: string): Promise<number>;
}

const BRAND = Symbol.for('outrelay.mysql.transaction');

/** A transaction of any database library, as `append` and the inbox take it. */
export class MysqlTransaction {
  readonly executor: TransactionExecutor;

  constructor(executor: TransactionExecutor) {
    this.executor = executor;
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/** Handles of an open transaction. */
export type TransactionHandle = MysqlHandle | KnexTransaction | MysqlTransaction;

/** Handles on which no transaction is open, for an append without one. */
export type RootHandle = MysqlHandle | MysqlPool | MysqlPromisePool | KnexRoot;

const EXPECTED =
  'a connection of mysql2 between beginTransaction and commit, a knex transaction, or what the subpath for your library makes of its transaction';

type Work<T> = (transaction: CallerTransaction) => Promise<T>;

/** Runs work in the transactions that callers bring. */
export class CallerTransactions {
  readonly #database: string;
  readonly #verifies: boolean;
  /** Connections of the store itself, lent with a transaction on them. */
  readonly #lent = new WeakSet<object>();

  constructor({ tables, transactionCheck }: Pick<MysqlStoreSettings, 'tables' | 'transactionCheck'>) {
    this.#database = tables.database;
    this.#verifies = transactionCheck === 'verify';
  }

  /** Marks a connection on which a transaction of the store is open, until the answer is called. */
  lend(connection: object): () => void {
    this.#lent.add(connection);
    return () => this.#lent.delete(connection);
  }

  /**
   * Runs `work` in the transaction of a handle.
   *
   * @throws OutboxError `TRANSACTION_REQUIRED`, `TRANSACTION_CLOSED` or `TRANSACTION_FOREIGN`; the caller's transaction,
   * if there is one, stays usable
   */
  async run<T>(handle: unknown, work: Work<T>): Promise<T> {
    const executor = executorOf(handle);
    const state = executor.state();
    if (state === 'closed') throw ended(executor.kind);
    if (state === 'none') throw noTransaction(executor.kind);
    try {
      return await this.#work(executor, state === 'unknown' && (await this.#verify(handle, executor)), work);
    } catch (error) {
      throw callerFailure(error, this.#database);
    }
  }

  /** Runs `work` in a transaction of its own, on a handle or a connection that the handle gives. */
  async runAlone<T>(handle: unknown, work: Work<T>): Promise<T> {
    if (isKnexRoot(handle))
      return inKnexTransaction(handle, (transaction) => this.#work(knexExecutor(transaction), false, work));
    try {
      if (!isPool(handle)) return await this.#runOn(handle, work);
      const connection = await pooledConnection(handle);
      try {
        return await this.#runOn(connection, work);
      } finally {
        (connection as { release(): void }).release();
      }
    } catch (error) {
      throw callerFailure(error, this.#database);
    }
  }

  async #runOn<T>(handle: unknown, work: Work<T>): Promise<T> {
    const executor = executorOf(handle);
    const connection = connectionOf(handle);
    if (connection === null || (await hasTransaction(connection))) return this.#work(executor, false, work);
    await query(connection, 'START TRANSACTION');
    try {
      const result = await this.#work(executor, false, work);
      await query(connection, 'COMMIT');
      return result;
    } catch (error) {
      await query(connection, 'ROLLBACK').catch(() => {});
      throw error;
    }
  }

  async #work<T>(executor: TransactionExecutor, guarded: boolean, work: Work<T>): Promise<T> {
    try {
      return await work({ guarded, execute: (sql) => executor.execute(sql) });
    } catch (error) {
      throw guarded && isGuardRefusal(error) ? noTransaction(executor.kind) : error;
    }
  }

  /** Makes sure that a transaction is open on a connection, or answers that the statement has to. */
  async #verify(handle: unknown, executor: TransactionExecutor): Promise<boolean> {
    if (!this.#verifies) return false;
    const connection = connectionOf(handle);
    if (connection === null) {
      if (!(await keepsSavepoint(executor))) throw noTransaction(executor.kind);
      return false;
    }
    if (this.#lent.has(connection)) return false;
    if ((await serverBehind(connection)) === 'mariadb') return true;
    if (!(await hasTransaction(connection))) throw noTransaction('the connection of mysql2');
    return false;
  }
}

/** What runs statements on a handle, whatever is open on it. */
function executorOf(handle: unknown): TransactionExecutor {
  if (typeof handle === 'object' && handle !== null && BRAND in handle) {
    return (handle as unknown as MysqlTransaction).executor;
  }
  if (isKnexTransaction(handle)) return knexExecutor(handle);
  if (isPool(handle) || isKnexRoot(handle)) {
    throw new OutboxError(
      'TRANSACTION_REQUIRED',
      `Expected ${EXPECTED}; got ${isKnexRoot(handle) ? 'the root of knex' : 'a pool, each query of which may run on another connection'}. Pass the handle on which the transaction was begun.`,
    );
  }
  const connection = connectionOf(handle);
  if (connection !== null) return connectionExecutor(connection);
  const isObject = (typeof handle === 'object' && handle !== null) || typeof handle === 'function';
  const code = isObject ? 'TRANSACTION_FOREIGN' : 'TRANSACTION_REQUIRED';
  throw new OutboxError(code, `Expected ${EXPECTED}; got ${describe(handle)}.`);
}

function ended(kind: string): OutboxError {
  return new OutboxError(
    'TRANSACTION_CLOSED',
    `Expected ${EXPECTED}; the transaction of ${kind} has ended. Append before the commit.`,
  );
}

function noTransaction(kind: string): OutboxError {
  return new OutboxError(
    'TRANSACTION_REQUIRED',
    `Expected ${EXPECTED}; on ${kind} no transaction is open. Begin one, and append on the same connection.`,
  );
}
