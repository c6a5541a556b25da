import type {
  DiagnosisFacet,
  InboxFacet,
  InspectionFacet,
  LogFacet,
  MaintenanceFacet,
  OutboxStore,
  ParkingFacet,
  RecoveryFacet,
  SchemaFacet,
  SharingFacet,
  StoreCapabilities,
  TransactionsFacet,
  WakeupsFacet,
} from '@outrelay/core';
import { appender } from './append.ts';
import { Connections } from './connections.ts';
import { inboxFacet } from './inbox.ts';
import type { KnexTransaction } from './knex-transaction.ts';
import { type PostgresStoreOptions, readPostgresOptions } from './options.ts';
import { relaySide } from './relay-side.ts';
import { connectionSource } from './source.ts';
import { openTransaction, type RootHandle, type TransactionHandle } from './transaction.ts';
import { inOwnTransaction, OwnTransactions, transactionsFacet } from './transactions.ts';

const MIB = 1024 * 1024;

/** What a PostgreSQL store observably does. */
export const capabilities: StoreCapabilities = {
  append: 'async',
  durability: 'durable',
  leaseScope: 'partitioned',
  duplicateIds: 'ignored',
  ordering: 'strict',
  polyglot: 'insert',
  savepoints: 'supported',
  limits: {
    // A value ends at 1 GiB, and bytes take up to twice their size on the way.
    maxPayloadBytes: 256 * MIB,
    maxHeadersBytes: MIB,
    maxMessagesPerAppend: 10_000,
  },
};

/** A store in a PostgreSQL database; all facets, wake-ups when the options choose a kind. */
export interface PostgresStore extends OutboxStore<TransactionHandle, 'async', RootHandle> {
  readonly transactions: TransactionsFacet<TransactionHandle, 'async'>;
  readonly sharing: SharingFacet;
  readonly schema: SchemaFacet;
  readonly wakeups: WakeupsFacet | undefined;
  readonly inspection: InspectionFacet;
  readonly recovery: RecoveryFacet;
  readonly maintenance: MaintenanceFacet;
  readonly inbox: InboxFacet<TransactionHandle, 'async'>;
  readonly parking: ParkingFacet;
  /** Absent when neither `url` nor `wakeupUrl` says where a connection for replication goes. */
  readonly log: LogFacet | undefined;
  readonly diagnosis: DiagnosisFacet;
}

/**
 * Creates a store in a PostgreSQL database, version 13 or newer.
 *
 * Messages are appended through the application's own connection, in its own transaction. The relay works on connections
 * of the pool, none of which it keeps: every verb is one short transaction, so that a pooler in transaction mode may
 * stand in between. The tables come from `schema.apply`.
 *
 * @example
 * const store = postgresStore({ pool });
 * await store.schema.apply();
 * const outbox = createOutbox({ store });
 * const client = await pool.connect();
 * await client.query('BEGIN');
 * await client.query('INSERT INTO orders (id) VALUES ($1)', [order.id]);
 * await outbox.append(client, { topic: 'order.placed', key: order.id, payload: order });
 * await client.query('COMMIT');
 * client.release();
 */
export function postgresStore<Trx extends KnexTransaction = KnexTransaction>(
  options: PostgresStoreOptions<Trx>,
): PostgresStore {
  const settings = readPostgresOptions(options);
  const connections = new Connections(connectionSource(settings));
  const transactions = new OwnTransactions(connections, settings.knex);
  const append = appender(settings.tables, settings.wakeups === 'notify');
  return {
    ...relaySide(connections, settings),
    spec: 1,
    name: 'postgres',
    capabilities,
    async append(handle, messages, { autocommit }) {
      if (autocommit) return inOwnTransaction(handle, (executor) => append(executor, messages));
      return append(await openTransaction(handle), messages);
    },
    transactions: transactionsFacet(transactions),
    inbox: inboxFacet(settings.tables),
  };
}
