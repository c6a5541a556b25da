import { describe, OutboxError } from '@outrelay/core';
import { MysqlTransaction } from './transaction.ts';

export type { MysqlTransaction, TransactionExecutor, TransactionState } from './transaction.ts';

/**
 * An entity manager of MikroORM, by shape. Inside and outside a transaction its type is the same, so that only the call
 * tells them apart.
 */
export interface MikroOrmTransaction {
  isInTransaction(): boolean;
  getTransactionContext(): unknown;
}

/** The transaction of the knex that MikroORM 6 brings. */
interface Context {
  raw(sql: string): PromiseLike<readonly [{ readonly affectedRows?: number }]>;
  isCompleted(): boolean;
  readonly client?: { readonly dialect?: unknown };
}

/**
 * Makes the entity manager of a MikroORM transaction a handle for `append` and the inbox. MikroORM 6 must be on MySQL or
 * MariaDB, with either of its drivers.
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
export function mikroOrmTransaction(em: MikroOrmTransaction): MysqlTransaction {
  const context = contextOf(em);
  return new MysqlTransaction({
    kind: 'the MikroORM transaction',
    state: () => (context.isCompleted() ? 'closed' : 'open'),
    async execute(sql) {
      const [header] = await context.raw(sql);
      return header.affectedRows ?? 0;
    },
  });
}

function contextOf(value: unknown): Context {
  const em = (value ?? {}) as Partial<MikroOrmTransaction>;
  const isMikroOrm = typeof em.getTransactionContext === 'function';
  const context = (isMikroOrm ? em.getTransactionContext?.() : undefined) as Context | undefined;
  if (context === undefined) {
    throw new OutboxError(
      'TRANSACTION_REQUIRED',
      `Expected the entity manager of a MikroORM transaction; got ${isMikroOrm ? 'one outside a transaction' : describe(value)}. Append inside em.transactional(async (em) => …), with the em that the callback receives.`,
    );
  }
  if (context.client?.dialect === 'mysql' && typeof context.isCompleted === 'function') return context;
  throw new OutboxError(
    'TRANSACTION_FOREIGN',
    'Expected a transaction of MikroORM 6 on MySQL or MariaDB; this one is on another database.',
  );
}
