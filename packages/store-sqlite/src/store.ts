import type {
  DiagnosisFacet,
  InboxFacet,
  InspectionFacet,
  MaintenanceFacet,
  OutboxStore,
  ParkingFacet,
  RecoveryFacet,
  SchemaFacet,
  StoreCapabilities,
  TransactionsFacet,
  WakeupsFacet,
} from '@outrelay/core';
import { appender } from './append.ts';
import type { SqliteDatabase } from './client.ts';
import { recorder } from './inbox.ts';
import { readSqliteOptions, type SqliteStoreOptions } from './options.ts';
import { relaySide } from './relay-side.ts';
import { CallerHandles } from './transaction.ts';
import { transactionsFacet } from './transactions.ts';

const MIB = 1024 * 1024;

/** What a SQLite store observably does. */
export const capabilities: StoreCapabilities = {
  append: 'sync',
  durability: 'durable',
  leaseScope: 'store',
  duplicateIds: 'ignored',
  ordering: 'strict',
  polyglot: 'insert',
  savepoints: 'supported',
  limits: {
    // A row ends at a thousand million bytes, and a text of V8 at half of that; a message must fit both with room for
    // its headers, and passes through memory when it is moved.
    maxPayloadBytes: 256 * MIB,
    maxHeadersBytes: MIB,
    // An append holds the write lock and the event loop: at some microseconds each, for less than a tenth of a second.
    maxMessagesPerAppend: 10_000,
  },
};

/** A store in a SQLite file; all facets but sharing, since one relay works at a time. */
export interface SqliteStore<Db extends SqliteDatabase = SqliteDatabase> extends OutboxStore<Db, 'sync', Db> {
  readonly transactions: TransactionsFacet<Db, 'sync'>;
  readonly schema: SchemaFacet;
  readonly wakeups: WakeupsFacet;
  readonly inspection: InspectionFacet;
  readonly recovery: RecoveryFacet;
  readonly maintenance: MaintenanceFacet;
  readonly inbox: InboxFacet<Db, 'sync'>;
  readonly parking: ParkingFacet;
  readonly diagnosis: DiagnosisFacet;
}

/**
 * Creates a store in a SQLite file, for better-sqlite3 and node:sqlite.
 *
 * Messages are appended through the application's own handle, in its own transaction, and have been written when the
 * call returns. The relay reads through a connection of the store's own, which is opened at its first use and closed
 * by `close`. The tables come from `schema.apply`, which also switches the file to write-ahead logging.
 *
 * @example
 * const db = new Database('shop.db');
 * const store = sqliteStore({ file: 'shop.db' });
 * await store.schema.apply();
 * const outbox = createOutbox({ store });
 * db.transaction(() => {
 *   insertOrder.run(order);
 *   outbox.append(db, { topic: 'order.placed', key: order.id, payload: order });
 * }).immediate();
 */
export function sqliteStore<Db extends SqliteDatabase = SqliteDatabase>(
  options: SqliteStoreOptions<Db>,
): SqliteStore<Db> {
  const settings = readSqliteOptions('sqliteStore', options);
  const { lending, ...shared } = relaySide(settings);
  const handles = new CallerHandles(settings.file);
  const append = appender(settings.tables);
  const record = recorder(settings.tables);
  return {
    ...shared,
    spec: 1,
    name: 'sqlite',
    capabilities,
    append(handle, messages, { autocommit }) {
      const caller = handles.take(handle, autocommit);
      const frame = autocommit && !caller.inTransaction ? 'transaction' : 'savepoint';
      return caller.run(append(messages, frame));
    },
    transactions: transactionsFacet(lending),
    inbox: {
      record: (handle, receipt) => handles.take(handle, false).run(record(receipt)),
    },
  };
}
