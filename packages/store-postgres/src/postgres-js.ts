import { describe, OutboxError } from '@outrelay/core';
import { type ExecutorRow, PostgresTransaction } from './transaction.ts';

export type {
  ExecutorRow,
  PostgresTransaction,
  TransactionExecutor,
  TransactionState,
} from './transaction.ts';

/** What sends statements, in a transaction of postgres.js or on a connection of it. */
export interface PostgresJsStatements {
  unsafe(
    text: string,
    values: (string | null)[],
    options: { prepare: boolean },
  ): PromiseLike<readonly unknown[]>;
}

/** A transaction of postgres.js, by shape. The root of postgres.js has no savepoints: the compiler refuses it. */
export interface PostgresJsTransaction extends PostgresJsStatements {
  savepoint(...parameters: never[]): unknown;
}

/** A reserved connection of postgres.js, by shape, on which the application has sent BEGIN. */
export interface PostgresJsReserved extends PostgresJsStatements {
  release(): void;
}

/**
 * Makes a transaction of postgres.js, or a reserved connection on which one was begun, a handle for `append` and the
 * inbox.
 *
 * postgres.js does not tell whether a transaction has ended, so the server is asked at each append, which costs two
 * short round trips. Throws `TRANSACTION_REQUIRED` for the root of postgres.js.
 *
 * @example
 * await sql.begin(async (tx) => {
 *   await tx`INSERT INTO orders ${tx(order)}`;
 *   await outbox.append(postgresJsTransaction(tx), { topic: 'order.placed', key: order.id, payload: order });
 * });
 */
export function postgresJsTransaction(tx: PostgresJsTransaction | PostgresJsReserved): PostgresTransaction {
  assertTransaction(tx);
  return new PostgresTransaction({
    kind: 'the postgres.js transaction',
    state: () => 'unknown',
    // Prepared, unless postgres.js was told not to prepare anything: otherwise it asks for the types at each append.
    query: async (text, values) =>
      (await tx.unsafe(text, [...values], { prepare: values.length > 0 })) as readonly ExecutorRow[],
  });
}

function assertTransaction(value: unknown): void {
  const sql = (typeof value === 'function' ? value : {}) as { readonly [name: string]: unknown };
  const isSql = typeof sql['unsafe'] === 'function';
  if (isSql && (typeof sql['savepoint'] === 'function' || typeof sql['release'] === 'function')) return;
  const got = isSql ? 'the root of postgres.js' : describe(value);
  throw new OutboxError(
    'TRANSACTION_REQUIRED',
    `Expected a transaction of postgres.js; got ${got}. Append inside sql.begin(async (tx) => …), with tx.`,
  );
}
