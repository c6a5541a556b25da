import {
  describe,
  type InboxFacet,
  OutboxError,
  type OutboxStore,
  type StoreCapabilities,
  type TransactionsFacet,
} from '@outrelay/core';
import { appender } from './append.ts';
import { recorder } from './inbox.ts';
import { type KnexRoot, type KnexTransaction, KnexTransactions } from './knex-transaction.ts';
import { readSqliteOptions, type SqliteStoreOptions } from './options.ts';
import { relaySide } from './relay-side.ts';
import { type SqliteStore, capabilities as syncCapabilities } from './store.ts';

export type { SqliteDatabase, SqliteDriver, SqliteStatement, SqliteValue } from './client.ts';
export type { KnexRoot, KnexTransaction, KnexValue } from './knex-transaction.ts';
export type { SqliteStoreOptions } from './options.ts';
export type { SqliteStore } from './store.ts';

/** What a SQLite store for knex observably does: the same as without, except that knex answers with promises. */
export const capabilities: StoreCapabilities = { ...syncCapabilities, append: 'async' };

/** Options of `knexSqliteStore`. */
export interface KnexSqliteStoreOptions<Trx extends KnexTransaction = KnexTransaction>
  extends SqliteStoreOptions {
  /**
   * The root of knex, from which an inbox opens its transactions. The store never destroys it. Default: none, and the
   * store does not offer the `transactions` facet.
   */
  readonly knex?: KnexRoot<Trx> | undefined;
}

/** A store in a SQLite file for applications that use knex. */
export interface KnexSqliteStore<Trx extends KnexTransaction = KnexTransaction>
  extends OutboxStore<Trx, 'async', KnexRoot<Trx>> {
  readonly schema: SqliteStore['schema'];
  readonly wakeups: SqliteStore['wakeups'];
  readonly inspection: SqliteStore['inspection'];
  readonly recovery: SqliteStore['recovery'];
  readonly maintenance: SqliteStore['maintenance'];
  readonly inbox: InboxFacet<Trx, 'async'>;
  readonly parking: SqliteStore['parking'];
  readonly diagnosis: SqliteStore['diagnosis'];
}

/**
 * Creates a store in a SQLite file for applications that reach it through knex with better-sqlite3.
 *
 * Messages are appended in the application's knex transaction; the promise of the append must be awaited before the
 * transaction ends. The relay does not use knex: it has a connection of its own, as with `sqliteStore`.
 *
 * @example
 * const store = knexSqliteStore({ file: 'shop.db' });
 * await knex.transaction(async (trx) => {
 *   await trx('orders').insert(order);
 *   await outbox.append(trx, { topic: 'order.placed', key: order.id, payload: order });
 * });
 */
export function knexSqliteStore<Trx extends KnexTransaction = KnexTransaction>(
  options: KnexSqliteStoreOptions<Trx>,
): KnexSqliteStore<Trx> {
  const { knex, ...rest } = options ?? {};
  const settings = readSqliteOptions('knexSqliteStore', rest as SqliteStoreOptions);
  const root = checkRoot(knex) as KnexRoot<Trx> | undefined;
  const { lending: _, ...shared } = relaySide(settings);
  const callers = new KnexTransactions(settings.file);
  const append = appender(settings.tables);
  const record = recorder(settings.tables);
  return {
    ...shared,
    spec: 1,
    name: 'sqlite',
    capabilities,
    async append(handle, messages, { autocommit }) {
      if (!autocommit || isTransaction(handle)) return callers.run(handle, append(messages, 'savepoint'));
      const own = checkRoot(handle) as KnexRoot<Trx> | undefined;
      if (own === undefined) throw noKnex(handle);
      return callers.runIn(own, (transaction) => callers.run(transaction, append(messages, 'savepoint')));
    },
    transactions: root === undefined ? undefined : transactionsFacet(callers, root),
    inbox: {
      record: (transaction, receipt) => callers.run(transaction, record(receipt)),
    },
  };
}

function transactionsFacet<Trx extends KnexTransaction>(
  callers: KnexTransactions,
  root: KnexRoot<Trx>,
): TransactionsFacet<Trx, 'async'> {
  return { run: (work) => callers.runIn(root, work) };
}

function isTransaction(value: unknown): value is KnexTransaction {
  return typeof (value as Partial<KnexTransaction> | null | undefined)?.isCompleted === 'function';
}

function checkRoot(value: unknown): KnexRoot | undefined {
  if (value === undefined) return undefined;
  if (isRoot(value)) return value;
  throw new TypeError(
    `knexSqliteStore: expected the root of knex, from knex({ client: 'better-sqlite3', … }); got ${describe(value)}.`,
  );
}

function noKnex(value: unknown): OutboxError {
  return new OutboxError(
    'TRANSACTION_REQUIRED',
    `Expected a knex transaction or the root of knex on better-sqlite3; got ${describe(value)}.`,
  );
}

function isRoot(value: unknown): value is KnexRoot {
  const root = value as Partial<KnexRoot> | null;
  return typeof root?.transaction === 'function' && !isTransaction(value);
}
