export type { PgClient, PgPool, PgPoolClient, PgQuery } from './client.ts';
export type { KnexRoot, KnexTransaction } from './knex-transaction.ts';
export type { PostgresStoreOptions } from './options.ts';
export { capabilities, type PostgresStore, postgresStore } from './store.ts';
export {
  type ExecutorRow,
  PostgresTransaction,
  type RootHandle,
  type TransactionExecutor,
  type TransactionHandle,
  type TransactionState,
} from './transaction.ts';
export { fromUrl } from './url.ts';
