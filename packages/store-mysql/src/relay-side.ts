import type {
  DiagnosisFacet,
  InspectionFacet,
  MaintenanceFacet,
  OutboxStore,
  ParkingFacet,
  RecoveryFacet,
  SchemaFacet,
  SharingFacet,
} from '@outrelay/core';
import { claimer } from './claim.ts';
import { Connections } from './connections.ts';
import { diagnosisFacet } from './diagnosis.ts';
import { inspectionFacet } from './inspection.ts';
import type { MysqlLease } from './lease.ts';
import { maintenanceFacet } from './maintenance.ts';
import type { MysqlStoreSettings } from './options.ts';
import { parkingFacet } from './parking.ts';
import { reader } from './read.ts';
import { recoveryFacet } from './recovery.ts';
import { releaser, renewer } from './renew.ts';
import { schemaFacet, verifySchema } from './schema.ts';
import { settler } from './settle.ts';
import { sharingFacet } from './sharing.ts';

/** The part of a store that works on connections of its own, whatever handles its appends take. */
export interface RelaySide
  extends Pick<OutboxStore, 'claim' | 'read' | 'settle' | 'renew' | 'release' | 'close'> {
  readonly sharing: SharingFacet;
  readonly schema: SchemaFacet;
  readonly inspection: InspectionFacet;
  readonly recovery: RecoveryFacet;
  readonly maintenance: MaintenanceFacet;
  readonly parking: ParkingFacet;
  readonly diagnosis: DiagnosisFacet;
}

/** The store's own connections; opens nothing yet. */
export function ownConnections(settings: MysqlStoreSettings): Connections {
  return new Connections(settings, (session) => verifySchema(session, settings.tables));
}

/** Wires the verbs of the relay and the facets for people. */
export function relaySide(settings: MysqlStoreSettings, connections: Connections): RelaySide {
  const { tables } = settings;
  const read = reader(connections, tables);
  const settle = settler(connections, settings);
  const renew = renewer(connections, tables);
  return {
    claim: claimer(connections, tables),
    read: (lease, request) => read(lease as MysqlLease, request),
    settle: (lease, settlements) => settle(lease as MysqlLease, settlements),
    renew: (lease, leaseMs) => renew(lease as MysqlLease, leaseMs),
    release: releaser(connections, tables),
    close: () => connections.close(),
    sharing: sharingFacet(connections, tables),
    schema: schemaFacet(connections, settings),
    inspection: inspectionFacet(connections, tables),
    recovery: recoveryFacet(connections, tables),
    maintenance: maintenanceFacet(connections, settings),
    parking: parkingFacet(connections, tables),
    diagnosis: diagnosisFacet(connections, settings),
  };
}
