import { describe, OutboxError } from '@outrelay/core';
import { isKnexTransaction, knexExecutor } from './knex-transaction.ts';
import { PostgresTransaction } from './transaction.ts';

export type {
  ExecutorRow,
  PostgresTransaction,
  TransactionExecutor,
  TransactionState,
} from './transaction.ts';

/**
 * An entity manager of MikroORM, by shape. Inside and outside a transaction its type is the same, so that only the call
 * tells them apart.
 */
export interface MikroOrmTransaction {
  isInTransaction(): boolean;
  getTransactionContext(): unknown;
}

/**
 * Makes the entity manager of a MikroORM transaction a handle for `append` and the inbox. MikroORM 6 must be on
 * PostgreSQL; its own knex carries out the statement.
 *
 * Changes of entities that were not flushed are written by MikroORM at the commit, after the message; that makes no
 * difference to anybody. Throws `TRANSACTION_REQUIRED` for an entity manager outside a transaction.
 *
 * @example
 * await orm.em.fork().transactional(async (em) => {
 *   em.persist(order);
 *   await outbox.append(mikroOrmTransaction(em), { topic: 'order.placed', key: order.id, payload: order });
 * });
 */
export function mikroOrmTransaction(em: MikroOrmTransaction): PostgresTransaction {
  const context = contextOf(em);
  if (!isKnexTransaction(context)) {
    throw new OutboxError(
      'TRANSACTION_FOREIGN',
      'Expected a transaction of MikroORM 6 on PostgreSQL; this one is on another database.',
    );
  }
  return new PostgresTransaction({ ...knexExecutor(context), kind: 'the MikroORM transaction' });
}

function contextOf(value: unknown): unknown {
  const em = (value ?? {}) as Partial<MikroOrmTransaction>;
  const isMikroOrm = typeof em.getTransactionContext === 'function';
  const context = isMikroOrm ? em.getTransactionContext?.() : undefined;
  if (context !== undefined) return context;
  throw new OutboxError(
    'TRANSACTION_REQUIRED',
    `Expected the entity manager of a MikroORM transaction; got ${isMikroOrm ? 'one outside a transaction' : describe(value)}. Append inside em.transactional(async (em) => …), with the em that the callback receives.`,
  );
}
