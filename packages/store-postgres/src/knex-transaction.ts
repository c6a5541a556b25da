import type { PgPoolClient } from './client.ts';
import type { TransactionExecutor } from './transaction.ts';

/**
 * A knex transaction on PostgreSQL, by shape: what `knex.transaction(…)` gives to its callback.
 *
 * The root of knex has no `isCompleted`, `commit` and `rollback`, so the compiler refuses it.
 */
export interface KnexTransaction {
  raw(sql: string, bindings: readonly (string | null)[]): PromiseLike<unknown>;
  isCompleted(): boolean;
  commit(): PromiseLike<unknown>;
  rollback(): PromiseLike<unknown>;
}

/** The root of knex, by shape; the relay works on connections of its pool. */
export interface KnexRoot<Trx extends KnexTransaction = KnexTransaction> {
  transaction(): Promise<Trx>;
  readonly client: {
    acquireConnection(): Promise<PgPoolClient>;
    releaseConnection(connection: unknown): Promise<unknown>;
  };
}

interface Knexish {
  readonly isTransaction?: unknown;
  readonly transaction?: unknown;
  readonly client?: { readonly driverName?: unknown };
}

function knexish(value: unknown): Knexish | null {
  const { client } = ((typeof value === 'function' ? value : null) ?? {}) as Knexish;
  return client?.driverName === 'pg' ? (value as Knexish) : null;
}

/** Whether the value is a transaction of knex with the driver `pg`. */
export function isKnexTransaction(value: unknown): value is KnexTransaction {
  return knexish(value)?.isTransaction === true;
}

/** Whether the value is the root of knex with the driver `pg`. */
export function isKnexRoot(value: unknown): value is KnexRoot {
  const knex = knexish(value);
  return knex !== null && knex.isTransaction !== true && typeof knex.transaction === 'function';
}

/** Runs statements in a knex transaction. */
export function knexExecutor(transaction: KnexTransaction): TransactionExecutor {
  return {
    kind: 'the knex transaction',
    state: () => (transaction.isCompleted() ? 'closed' : 'open'),
    async query(text, values) {
      const { rows } = (await transaction.raw(knexSql(text), values)) as {
        rows: readonly Record<string, unknown>[];
      };
      return rows;
    },
  };
}

/** knex numbers its placeholders itself, and takes every other question mark for one unless it is escaped. */
export function knexSql(text: string): string {
  return text.replaceAll('?', String.raw`\?`).replaceAll(/\$\d+/g, '?');
}
