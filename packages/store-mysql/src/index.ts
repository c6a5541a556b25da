export type {
  MysqlCallback,
  MysqlConnection,
  MysqlHandle,
  MysqlPool,
  MysqlPromiseConnection,
  MysqlPromisePool,
} from './client.ts';
export type { KnexRoot, KnexTransaction } from './knex-transaction.ts';
export type { MysqlConnectionOptions, MysqlStoreOptions } from './options.ts';
export { capabilities, type MysqlStore, mysqlStore } from './store.ts';
export {
  MysqlTransaction,
  type RootHandle,
  type TransactionExecutor,
  type TransactionHandle,
  type TransactionState,
} from './transaction.ts';
export { fromUrl } from './url.ts';
