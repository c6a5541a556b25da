import { describe, OutboxError } from '@outrelay/core';
import { isClient, isPool, type PgClient, type PgPool } from './client.ts';
import { callerFailure, sqlState } from './errors.ts';
import {
  isKnexRoot,
  isKnexTransaction,
  type KnexRoot,
  type KnexTransaction,
  knexExecutor,
} from './knex-transaction.ts';

/** A row as an object, by the names of the columns. */
export type ExecutorRow = Readonly<Record<string, unknown>>;

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
 * is one. A library gets its adapter by implementing it and putting it into a {@link PostgresTransaction}.
 */
export interface TransactionExecutor {
  /** What the application passed, for error texts: `a Kysely transaction`. */
  readonly kind: string;
  state(): TransactionState;
  /**
   * Sends one statement with the placeholders `$1`, `$2`, … and answers with its rows.
   *
   * Every value is a text or `null`, and every column that a statement of the store returns is a text, so that no
   * library has to know a type. Each placeholder is used once, in order. Errors must keep the SQLSTATE in `code`, on
   * themselves or on a `cause`.
   */
  query(text: string, values: readonly (string | null)[]): Promise<readonly ExecutorRow[]>;
  /**
   * Sends one statement that returns no rows, and answers with the number of rows it changed.
   *
   * For libraries that tell it. Elsewhere the store asks for a row instead, which a single INSERT feels.
   */
  changes?(text: string, values: readonly (string | null)[]): Promise<number>;
}

const BRAND = Symbol.for('outrelay.postgres.transaction');

/** A transaction of any database library, as `append` and the inbox take it. */
export class PostgresTransaction {
  readonly executor: TransactionExecutor;

  constructor(executor: TransactionExecutor) {
    this.executor = executor;
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/** Handles of an open transaction. */
export type TransactionHandle = PgClient | KnexTransaction | PostgresTransaction;

/** Handles that open connections by themselves. */
export type RootHandle = PgPool | KnexRoot;

const EXPECTED =
  'a client of pg between BEGIN and COMMIT, a knex transaction, or what the subpath for your library makes of its transaction';

/**
 * Answers with what runs statements in the transaction of a handle.
 *
 * @throws OutboxError `TRANSACTION_REQUIRED`, `TRANSACTION_CLOSED` or `TRANSACTION_FOREIGN`; the caller's transaction,
 * if there is one, stays usable
 */
export async function openTransaction(handle: unknown): Promise<TransactionExecutor> {
  const executor = executorOf(handle);
  const state = executor.state();
  if (state === 'closed') throw ended(executor.kind);
  if (state === 'none' || (state === 'unknown' && !(await hasTransaction(executor)))) {
    throw new OutboxError(
      'TRANSACTION_REQUIRED',
      `Expected ${EXPECTED}; on ${executor.kind} no transaction is open. Begin one, and append on the same connection.`,
    );
  }
  return executor;
}

/** Whether the value opens connections by itself. */
function isRoot(value: unknown): value is RootHandle {
  return isPool(value) || isKnexRoot(value);
}

/** What runs statements on a handle, whatever is open on it. */
export function executorOf(handle: unknown): TransactionExecutor {
  if (typeof handle === 'object' && handle !== null && BRAND in handle) {
    return (handle as unknown as PostgresTransaction).executor;
  }
  if (isKnexTransaction(handle)) return knexExecutor(handle);
  if (isRoot(handle)) {
    throw new OutboxError(
      'TRANSACTION_REQUIRED',
      `Expected ${EXPECTED}; got ${isPool(handle) ? 'a pool, each query of which may run on another connection' : 'the root of knex'}. Pass the handle on which the transaction was begun.`,
    );
  }
  if (isClient(handle)) return clientExecutor(handle);
  const isObject = (typeof handle === 'object' && handle !== null) || typeof handle === 'function';
  const code = isObject ? 'TRANSACTION_FOREIGN' : 'TRANSACTION_REQUIRED';
  throw new OutboxError(code, `Expected ${EXPECTED}; got ${describe(handle)}.`);
}

function clientExecutor(client: PgClient): TransactionExecutor {
  return {
    kind: 'the client of pg',
    state() {
      // A transaction that has failed is open too; the server says what is wrong with it.
      const status = client.getTransactionStatus?.();
      // A BEGIN may be on its way, so "none" is a matter for the server.
      return status === 'T' || status === 'E' ? 'open' : 'unknown';
    },
    async query(text, values) {
      const { rows } = (await client.query({ text, values: [...values] })) as { rows: ExecutorRow[] };
      return rows;
    },
    async changes(text, values) {
      const { rowCount } = (await client.query({ text, values: [...values] })) as { rowCount?: unknown };
      if (typeof rowCount === 'number') return rowCount;
      throw new TypeError(`Expected a number of changed rows in "rowCount"; got ${describe(rowCount)}.`);
    },
  };
}

/**
 * Asks the server whether a transaction is open: a savepoint can only be set in one, and outside of one the refusal
 * changes nothing.
 */
export async function hasTransaction(executor: TransactionExecutor): Promise<boolean> {
  try {
    await executor.query('SAVEPOINT outrelay_probe', []);
  } catch (error) {
    if (sqlState(error) === '25P01') return false;
    throw callerFailure(error, executor.kind);
  }
  await executor.query('RELEASE SAVEPOINT outrelay_probe', []);
  return true;
}

function ended(kind: string): OutboxError {
  return new OutboxError(
    'TRANSACTION_CLOSED',
    `Expected ${EXPECTED}; the transaction of ${kind} has ended. Append before the commit.`,
  );
}
