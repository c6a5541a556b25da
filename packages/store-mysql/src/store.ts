import type {
  DiagnosisFacet,
  InboxFacet,
  InspectionFacet,
  MaintenanceFacet,
  OutboxStore,
  ParkingFacet,
  RecoveryFacet,
  SchemaFacet,
  SharingFacet,
  StoreCapabilities,
  TransactionsFacet,
} from '@outrelay/core';
import { appender } from './append.ts';
import { recorder } from './inbox.ts';
import type { KnexTransaction } from './knex-transaction.ts';
import { type MysqlStoreOptions, readMysqlOptions } from './options.ts';
import { ownConnections, relaySide } from './relay-side.ts';
import { CallerTransactions, type RootHandle, type TransactionHandle } from './transaction.ts';
import { transactionsFacet } from './transactions.ts';

const KIB = 1024;

/** What a MySQL or MariaDB store observably does. */
export const capabilities: StoreCapabilities = {
  append: 'async',
  durability: 'durable',
  leaseScope: 'partitioned',
  duplicateIds: 'ignored',
  ordering: 'strict',
  polyglot: 'insert',
  savepoints: 'supported',
  limits: {
    // One statement holds the message, bytes as twice as many hexadecimal digits, and MariaDB takes statements of
    // 16 MiB unless it is told otherwise.
    maxPayloadBytes: 7 * KIB * KIB,
    maxHeadersBytes: 512 * KIB,
    maxMessagesPerAppend: 10_000,
  },
};

/** A store in a database of MySQL or MariaDB; all facets but wake-ups, for which these servers have nothing. */
export interface MysqlStore extends OutboxStore<TransactionHandle, 'async', RootHandle> {
  readonly transactions: TransactionsFacet<TransactionHandle, 'async'>;
  readonly sharing: SharingFacet;
  readonly schema: SchemaFacet;
  readonly inspection: InspectionFacet;
  readonly recovery: RecoveryFacet;
  readonly maintenance: MaintenanceFacet;
  readonly parking: ParkingFacet;
  readonly diagnosis: DiagnosisFacet;
  readonly inbox: InboxFacet<TransactionHandle, 'async'>;
}

/**
 * Creates a store in a database of MySQL 8.4 or 9, or MariaDB 10.6 or newer, for mysql2 and what is built on it.
 *
 * Messages are appended through the application's own connection, of `mysql2`, `mysql2/promise` or knex, in its own
 * transaction. The relay works on connections of the store's own, which are opened at their first use and closed by
 * `close`. The tables come from `schema.apply`.
 *
 * @example
 * const store = mysqlStore({ url: 'mysql://shop:secret@localhost/shop' });
 * await store.schema.apply();
 * const outbox = createOutbox({ store });
 * await connection.beginTransaction();
 * await connection.execute('INSERT INTO orders (id) VALUES (?)', [order.id]);
 * await outbox.append(connection, { topic: 'order.placed', key: order.id, payload: order });
 * await connection.commit();
 */
export function mysqlStore<Trx extends KnexTransaction = KnexTransaction>(
  options: MysqlStoreOptions<Trx>,
): MysqlStore {
  const settings = readMysqlOptions('mysqlStore', options);
  const connections = ownConnections(settings);
  const callers = new CallerTransactions(settings);
  const append = appender(settings.tables);
  const record = recorder(settings.tables);
  return {
    ...relaySide(settings, connections),
    spec: 1,
    name: 'mysql',
    capabilities,
    append: (handle, messages, { autocommit }) =>
      autocommit
        ? callers.runAlone(handle, (transaction) => append(transaction, messages))
        : callers.run(handle, (transaction) => append(transaction, messages)),
    transactions: transactionsFacet(connections, callers, settings.knex),
    inbox: {
      record: (handle, receipt) => callers.run(handle, (transaction) => record(transaction, receipt)),
    },
  };
}
