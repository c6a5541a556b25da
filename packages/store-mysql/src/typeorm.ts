import { describe, OutboxError } from '@outrelay/core';
import { MysqlTransaction } from './transaction.ts';

export type { MysqlTransaction, TransactionExecutor, TransactionState } from './transaction.ts';

/** A query runner of TypeORM, by shape. */
export interface TypeormQueryRunner {
  readonly isTransactionActive: boolean;
  readonly isReleased: boolean;
  query(
    sql: string,
    values: unknown[],
    structured: true,
  ): Promise<{ readonly affected?: number | undefined }>;
}

/**
 * An entity manager of TypeORM, by shape. The one of a transaction has a query runner, `DataSource.manager` has none;
 * their type is the same, so that only the call tells them apart. A `DataSource` is refused by the compiler.
 */
export interface TypeormTransaction {
  readonly queryRunner?: TypeormQueryRunner | undefined;
}

/**
 * Makes the entity manager of a TypeORM transaction, or a query runner on which one was started, a handle for `append`
 * and the inbox. The data source must be on MySQL or MariaDB.
 *
 * Throws `TRANSACTION_REQUIRED` for `DataSource.manager`, and `TRANSACTION_FOREIGN` for another database.
 *
 * @example
 * await dataSource.transaction(async (manager) => {
 *   await manager.insert(Order, order);
 *   await outbox.append(typeormTransaction(manager), { topic: 'order.placed', key: order.id, payload: order });
 * });
 */
export function typeormTransaction(handle: TypeormTransaction | TypeormQueryRunner): MysqlTransaction {
  const runner = runnerOf(handle);
  return new MysqlTransaction({
    kind: 'the TypeORM transaction',
    state: () => (runner.isReleased ? 'closed' : runner.isTransactionActive ? 'open' : 'none'),
    execute: async (sql) => (await runner.query(sql, [], true)).affected ?? 0,
  });
}

/** The data source of a query runner; TypeORM 0.3 calls it connection. */
interface Connected {
  readonly dataSource?: { readonly options?: { readonly type?: unknown } };
  readonly connection?: Connected['dataSource'];
}

const DATABASES: ReadonlySet<unknown> = new Set([undefined, 'mysql', 'mariadb', 'aurora-mysql']);

function runnerOf(handle: unknown): TypeormQueryRunner {
  const { queryRunner, isTransactionActive } = (handle ?? {}) as { [name: string]: unknown };
  const runner = (typeof isTransactionActive === 'boolean' ? handle : queryRunner) as
    | (TypeormQueryRunner & Connected)
    | undefined;
  if (typeof runner?.query !== 'function') {
    const got = isRoot(handle)
      ? 'the data source, or an entity manager outside a transaction'
      : describe(handle);
    throw new OutboxError(
      'TRANSACTION_REQUIRED',
      `Expected the entity manager or query runner of a TypeORM transaction; got ${got}. Append inside dataSource.transaction(async (manager) => …), with manager.`,
    );
  }
  const type = (runner.dataSource ?? runner.connection)?.options?.type;
  if (DATABASES.has(type)) return runner;
  throw new OutboxError(
    'TRANSACTION_FOREIGN',
    `Expected a TypeORM transaction on MySQL or MariaDB; this one is on ${describe(type)}.`,
  );
}

function isRoot(value: unknown): boolean {
  return typeof (value as { getRepository?: unknown } | null)?.getRepository === 'function';
}
