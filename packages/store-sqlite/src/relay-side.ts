import type {
  DiagnosisFacet,
  InspectionFacet,
  MaintenanceFacet,
  OutboxStore,
  ParkingFacet,
  RecoveryFacet,
  SchemaFacet,
  WakeupsFacet,
} from '@outrelay/core';
import { claimer } from './claim.ts';
import type { SqliteDatabase } from './client.ts';
import { Connection, type Synchronous } from './connection.ts';
import { diagnosisFacet } from './diagnosis.ts';
import { inspectionFacet } from './inspection.ts';
import type { SqliteLease } from './lease.ts';
import { maintenanceFacet } from './maintenance.ts';
import type { SqliteStoreSettings } from './options.ts';
import { parkingFacet } from './parking.ts';
import { reader } from './read.ts';
import { recoveryFacet } from './recovery.ts';
import { releaser, renewer } from './renew.ts';
import { schemaFacet, verifySchema } from './schema.ts';
import { settler } from './settle.ts';
import { wakeupsFacet } from './wakeups.ts';

/** The part of a store that works on connections of its own, whatever handles its appends take. */
export interface RelaySide<Db extends SqliteDatabase>
  extends Pick<OutboxStore, 'claim' | 'read' | 'settle' | 'renew' | 'release' | 'close'> {
  readonly schema: SchemaFacet;
  readonly wakeups: WakeupsFacet;
  readonly inspection: InspectionFacet;
  readonly recovery: RecoveryFacet;
  readonly maintenance: MaintenanceFacet;
  readonly parking: ParkingFacet;
  readonly diagnosis: DiagnosisFacet;
  /** The connection whose transactions are lent to callers. */
  readonly lending: Connection<Db>;
}

/** Wires the verbs of the relay and the facets for people. Opens nothing yet. */
export function relaySide<Db extends SqliteDatabase>(settings: SqliteStoreSettings<Db>): RelaySide<Db> {
  const { tables, file } = settings;
  const connect = (synchronous: Synchronous): Connection<Db> =>
    new Connection({
      ...settings,
      synchronous,
      create: false,
      verify: (session) => verifySchema(session, tables, file.path),
    });
  const relaying = connect('NORMAL');
  const lending = connect('FULL');
  const wakeups = wakeupsFacet(relaying, settings);
  const read = reader(relaying, tables);
  const settle = settler(relaying, settings);
  return {
    claim: claimer(relaying, tables),
    read: (lease, request) => read(lease as SqliteLease, request),
    settle: (lease, settlements) => settle(lease as SqliteLease, settlements),
    renew: renewer(relaying, tables),
    release: releaser(relaying, tables),
    async close() {
      await wakeups.close();
      relaying.close();
      lending.close();
    },
    schema: schemaFacet(settings),
    wakeups,
    inspection: inspectionFacet(relaying, tables),
    // On the other connection, so that the relay of this very process notices a redrive by `data_version` as well.
    recovery: recoveryFacet(lending, tables),
    maintenance: maintenanceFacet(relaying, settings),
    parking: parkingFacet(lending, tables),
    diagnosis: diagnosisFacet(settings),
    lending,
  };
}
