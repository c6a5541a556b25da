import { describe, OutboxError } from '@outrelay/core';
import { type SQL, sql } from 'drizzle-orm';
import { type ExecutorRow, PostgresTransaction, type TransactionState } from './transaction.ts';

export type {
  ExecutorRow,
  PostgresTransaction,
  TransactionExecutor,
  TransactionState,
} from './transaction.ts';

/** A Drizzle transaction on PostgreSQL, by shape. The root of Drizzle cannot roll back: the compiler refuses it. */
export interface DrizzleTransaction {
  execute(...query: never[]): PromiseLike<unknown>;
  rollback(): never;
  setTransaction(config: object): PromiseLike<unknown>;
}

/** Without the types of Drizzle, which a project that lacks some of its drivers cannot compile. */
interface Executing {
  execute(query: SQL): PromiseLike<unknown>;
}

/**
 * Makes a Drizzle transaction a handle for `append` and the inbox, with node-postgres, postgres.js or any other of
 * Drizzle's drivers for PostgreSQL.
 *
 * Throws `TRANSACTION_REQUIRED` for the root of Drizzle.
 *
 * @example
 * await db.transaction(async (tx) => {
 *   await tx.insert(orders).values(order);
 *   await outbox.append(drizzleTransaction(tx), { topic: 'order.placed', key: order.id, payload: order });
 * });
 */
export function drizzleTransaction(tx: DrizzleTransaction): PostgresTransaction {
  assertTransaction(tx);
  const executing = tx as Executing;
  return new PostgresTransaction({
    kind: 'the Drizzle transaction',
    state: () => stateOf(tx),
    async query(text, values) {
      const result = await executing.execute(sqlOf(text, values)).then(undefined, (error: unknown) => {
        throw driverError(error);
      });
      // node-postgres answers with an object, postgres.js with the rows.
      return (Array.isArray(result) ? result : (result as { rows: unknown }).rows) as readonly ExecutorRow[];
    },
  });
}

function assertTransaction(value: unknown): void {
  const { execute, rollback, setTransaction } = (value ?? {}) as Partial<
    Record<keyof DrizzleTransaction, unknown>
  >;
  if (typeof execute === 'function' && typeof rollback === 'function' && typeof setTransaction === 'function')
    return;
  const got =
    typeof execute === 'function'
      ? 'the root of Drizzle, or a transaction that is not on PostgreSQL'
      : describe(value);
  throw new OutboxError(
    'TRANSACTION_REQUIRED',
    `Expected a Drizzle transaction on PostgreSQL; got ${got}. Append inside db.transaction(async (tx) => …), with tx.`,
  );
}

/** Drizzle does not know whether its transaction has ended. node-postgres does; for others the server is asked. */
function stateOf(tx: object): TransactionState {
  const { session } = tx as { session?: { client?: { getTransactionStatus?: () => unknown } } };
  const status = session?.client?.getTransactionStatus?.();
  return status === 'T' || status === 'E' ? 'open' : 'unknown';
}

/** The statement as Drizzle's template would have it, which numbers the values anew. */
function sqlOf(text: string, values: readonly (string | null)[]): SQL {
  const parts = text.split(/\$\d+/);
  const numbers = [...text.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number));
  return sql(Object.assign(parts, { raw: parts }), ...numbers.map((number) => values[number - 1] ?? null));
}

/** Drizzle wraps the error of the driver in one whose text holds all values, the payload among them. */
function driverError(error: unknown): unknown {
  return error instanceof Error && error.cause instanceof Error ? error.cause : error;
}
