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
  WakeupsFacet,
} from '@outrelay/core';
import { draftOf, write } from './append.ts';
import { claimer } from './claim.ts';
import type { MongoClientLike, MongoSession } from './client.ts';
import { Connection } from './connection.ts';
import { diagnosisFacet } from './diagnosis.ts';
import { record } from './inbox.ts';
import { inspectionFacet } from './inspection.ts';
import type { MongoLease } from './lease.ts';
import { maintenanceFacet } from './maintenance.ts';
import { type MongoStoreOptions, readMongoOptions } from './options.ts';
import { parkingFacet } from './parking.ts';
import { reader } from './read.ts';
import { recoveryFacet } from './recovery.ts';
import { releaser, renewer } from './renew.ts';
import { schemaFacet } from './schema.ts';
import { settler } from './settle.ts';
import { sharingFacet } from './sharing.ts';
import { CallerSessions } from './transaction.ts';
import { transactionsFacet } from './transactions.ts';
import { WantedMarks } from './wanted.ts';
import { wakeupsFacet } from './wakeups.ts';

const MIB = 1024 * 1024;

/** What a MongoDB store observably does. */
export const capabilities: StoreCapabilities = {
  append: 'async',
  durability: 'durable',
  leaseScope: 'partitioned',
  // A unique index over all messages is not possible on a sharded cluster, and a violated one ends a transaction.
  duplicateIds: 'stored',
  ordering: 'strict',
  polyglot: 'none',
  savepoints: 'none',
  limits: {
    // A document ends at 16 MiB: payload, headers, and what an outcome adds to them have to fit.
    maxPayloadBytes: 14 * MIB,
    maxHeadersBytes: MIB,
    maxMessagesPerAppend: 1_000,
  },
};

/** A store in a MongoDB database; all facets. */
export interface MongoStore extends OutboxStore<MongoSession, 'async', MongoClientLike | MongoSession> {
  readonly transactions: TransactionsFacet<MongoSession, 'async'>;
  readonly sharing: SharingFacet;
  readonly schema: SchemaFacet;
  readonly wakeups: WakeupsFacet;
  readonly inspection: InspectionFacet;
  readonly recovery: RecoveryFacet;
  readonly maintenance: MaintenanceFacet;
  readonly inbox: InboxFacet<MongoSession, 'async'>;
  readonly parking: ParkingFacet;
  readonly diagnosis: DiagnosisFacet;
}

/**
 * Creates a store in a MongoDB replica set or sharded cluster, for mongodb 6 and 7 and mongoose.
 *
 * Messages are appended with the application's own session, in its transaction, and errors of the driver reach the
 * caller as they are, so that `withTransaction` runs the callback again when it has to. A standalone server is refused,
 * because it has no transactions. The collections come from `schema.apply`.
 *
 * @example
 * const client = new MongoClient(url);
 * const store = mongoStore({ client, database: 'shop' });
 * await store.schema.apply();
 * const outbox = createOutbox({ store });
 * await client.withSession((session) =>
 *   session.withTransaction(async () => {
 *     await orders.insertOne(order, { session });
 *     await outbox.append(session, { topic: 'order.placed', key: order.id, payload: order });
 *   }),
 * );
 */
export function mongoStore(options: MongoStoreOptions): MongoStore {
  const settings = readMongoOptions('mongoStore', options);
  const connection = new Connection(settings);
  const sessions = new CallerSessions(connection.installations);
  const marks = new WantedMarks(connection);
  const wakeups = wakeupsFacet(connection);
  const read = reader(connection);
  const settle = settler(connection, settings, marks);
  return {
    spec: 1,
    name: 'mongo',
    capabilities,
    async append(handle, messages, { autocommit }) {
      connection.assertOpen();
      const draft = draftOf(messages);
      const { session, installation } = await sessions.take(handle, autocommit);
      const { clock } = connection;
      if (session !== null) return write(installation, clock, draft, session);
      return connection.transaction((own) => write(installation, clock, draft, own));
    },
    claim: claimer(connection, marks),
    read: (lease, request) => read(lease as MongoLease, request),
    settle: (lease, settlements) => settle(lease as MongoLease, settlements),
    renew: renewer(connection, marks),
    release: releaser(connection, marks),
    async close() {
      await wakeups.close();
      connection.close();
    },
    transactions: transactionsFacet(connection),
    sharing: sharingFacet(connection, marks),
    schema: schemaFacet(connection),
    wakeups,
    inspection: inspectionFacet(connection),
    recovery: recoveryFacet(connection),
    maintenance: maintenanceFacet(connection, settings),
    parking: parkingFacet(connection),
    diagnosis: diagnosisFacet(connection),
    inbox: {
      async record(handle, receipt) {
        connection.assertOpen();
        const { session, installation } = await sessions.take(handle, false);
        return record(installation, receipt, session as MongoSession);
      },
    },
  };
}
