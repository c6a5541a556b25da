import { storeFailure } from './errors.ts';
import type { TransactionExecutor } from './transaction.ts';

/**
 * A knex transaction on mysql2, by shape: what `knex.transaction(…)` gives to its callback.
 *
 * The root of knex has no `isCompleted`, `commit` and `rollback`, so the compiler refuses it.
 */
export interface KnexTransaction {
  raw(sql: string): PromiseLike<unknown>;
  isCompleted(): boolean;
  commit(): PromiseLike<unknown>;
  rollback(): PromiseLike<unknown>;
}

/** The root of knex, by shape. */
export interface KnexRoot<Trx extends KnexTransaction = KnexTransaction> {
  transaction(): Promise<Trx>;
  readonly client: { readonly connectionSettings?: unknown };
}

interface Knexish {
  readonly isTransaction?: unknown;
  readonly transaction?: unknown;
  readonly client?: { readonly driverName?: unknown };
}

function knexish(value: unknown): Knexish | null {
  const { client } = ((typeof value === 'function' ? value : null) ?? {}) as Knexish;
  return client?.driverName === 'mysql2' ? (value as Knexish) : null;
}

/** Whether the value is a transaction of knex with the driver `mysql2`. */
export function isKnexTransaction(value: unknown): value is KnexTransaction {
  return knexish(value)?.isTransaction === true;
}

/** Whether the value is the root of knex with the driver `mysql2`. */
export function isKnexRoot(value: unknown): value is KnexRoot {
  const knex = knexish(value);
  return knex !== null && knex.isTransaction !== true && typeof knex.transaction === 'function';
}

/** Runs statements in a knex transaction. */
export function knexExecutor(transaction: KnexTransaction): TransactionExecutor {
  return {
    kind: 'the knex transaction',
    state: () => (transaction.isCompleted() ? 'closed' : 'open'),
    async execute(sql) {
      const [header] = (await transaction.raw(sql)) as [{ readonly affectedRows?: number }];
      return header.affectedRows ?? 0;
    },
  };
}

/** Runs `work` in a transaction of its own; commits when it returns, rolls back when it throws. */
export async function inKnexTransaction<Trx extends KnexTransaction, T>(
  root: KnexRoot<Trx>,
  work: (transaction: Trx) => Promise<T>,
): Promise<T> {
  let transaction: Trx;
  try {
    transaction = await root.transaction();
  } catch (error) {
    // Nothing of the caller has run, so this is a failure of the database.
    throw storeFailure(error, 'the database of knex');
  }
  try {
    const result = await work(transaction);
    await transaction.commit();
    return result;
  } catch (error) {
    if (!transaction.isCompleted()) await transaction.rollback();
    throw error;
  }
}
