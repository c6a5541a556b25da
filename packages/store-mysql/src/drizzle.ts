import { describe, OutboxError } from '@outrelay/core';
import { type SQL, sql } from 'drizzle-orm';
import { MysqlTransaction } from './transaction.ts';

export type { MysqlTransaction, TransactionExecutor, TransactionState } from './transaction.ts';

/** A Drizzle transaction on MySQL, by shape. The root of Drizzle cannot roll back: the compiler refuses it. */
export interface DrizzleTransaction {
  execute(...query: never[]): PromiseLike<unknown>;
  rollback(): never;
}

/** Without the types of Drizzle, which a project that lacks some of its drivers cannot compile. */
interface Executing {
  execute(query: SQL): PromiseLike<unknown>;
}

/**
 * Makes a Drizzle transaction a handle for `append` and the inbox. Drizzle must be on MySQL or MariaDB, with mysql2.
 *
 * Drizzle does not know whether its transaction has ended, so the server is asked at each append, which costs two short
 * round trips. Throws `TRANSACTION_REQUIRED` for the root of Drizzle.
 *
 * @example
 * await db.transaction(async (tx) => {
 *   await tx.insert(orders).values(order);
 *   await outbox.append(drizzleTransaction(tx), { topic: 'order.placed', key: order.id, payload: order });
 * });
 */
export function drizzleTransaction(tx: DrizzleTransaction): MysqlTransaction {
  assertTransaction(tx);
  const executing = tx as Executing;
  return new MysqlTransaction({
    kind: 'the Drizzle transaction',
    state: () => 'unknown',
    async execute(statement) {
      const answer = executing.execute(sql.raw(statement)).then(undefined, (error: unknown) => {
        throw driverError(error);
      });
      const [header] = (await answer) as readonly [{ readonly affectedRows?: number }];
      return header.affectedRows ?? 0;
    },
  });
}

function assertTransaction(value: unknown): void {
  const tx = (value ?? {}) as Partial<Record<keyof DrizzleTransaction | 'setTransaction', unknown>>;
  const isDrizzle = typeof tx.execute === 'function';
  // Only on PostgreSQL has a transaction of Drizzle settings.
  if (isDrizzle && typeof tx.rollback === 'function' && tx.setTransaction === undefined) return;
  const got = isDrizzle ? 'the root of Drizzle, or a transaction that is not on MySQL' : describe(value);
  throw new OutboxError(
    'TRANSACTION_REQUIRED',
    `Expected a Drizzle transaction on MySQL or MariaDB; got ${got}. Append inside db.transaction(async (tx) => …), with tx.`,
  );
}

/** Drizzle wraps the error of the driver in one whose text holds the statement, with the payload in it. */
function driverError(error: unknown): unknown {
  return error instanceof Error && error.cause instanceof Error ? error.cause : error;
}
