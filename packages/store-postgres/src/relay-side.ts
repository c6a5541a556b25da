import {
  type DiagnosisFacet,
  type InspectionFacet,
  isOutboxError,
  type LogFacet,
  type MaintenanceFacet,
  type OutboxStore,
  type ParkingFacet,
  type RecoveryFacet,
  type SchemaFacet,
  type SharingFacet,
  type WakeupsFacet,
} from '@outrelay/core';
import { claimer } from './claim.ts';
import type { Connections } from './connections.ts';
import { diagnosisFacet } from './diagnosis.ts';
import { inspectionFacet } from './inspection.ts';
import type { PgLease } from './lease.ts';
import { logFacet } from './log/log.ts';
import { replicationClients } from './log/replication-client.ts';
import { Slot } from './log/slot.ts';
import { maintenanceFacet } from './maintenance.ts';
import type { PostgresStoreSettings } from './options.ts';
import { parkingFacet } from './parking.ts';
import { reader } from './read.ts';
import { recoveryFacet } from './recovery.ts';
import { releaser, renewer } from './renew.ts';
import { schemaFacet, verifySchema } from './schema.ts';
import { settler } from './settle.ts';
import { sharingFacet } from './sharing.ts';
import { Streams } from './streams.ts';
import { wakeupsFacet } from './wakeups.ts';

/** The part of a store that works on the connections of its pool, whatever handles its appends take. */
export interface RelaySide
  extends Pick<OutboxStore, 'claim' | 'read' | 'settle' | 'renew' | 'release' | 'close'> {
  readonly sharing: SharingFacet;
  readonly schema: SchemaFacet;
  readonly wakeups: WakeupsFacet | undefined;
  readonly inspection: InspectionFacet;
  readonly recovery: RecoveryFacet;
  readonly maintenance: MaintenanceFacet;
  readonly parking: ParkingFacet;
  readonly log: LogFacet | undefined;
  readonly diagnosis: DiagnosisFacet;
}

/** Wires the verbs of the relay and the facets for people. Opens nothing yet. */
export function relaySide(connections: Connections, settings: PostgresStoreSettings): RelaySide {
  const { tables } = settings;
  const streams = new Streams(tables);
  let verification: Promise<void> | null = null;
  const verified = (): Promise<void> => {
    verification ??= verifySchema(connections, tables).catch((error: unknown) => {
      verification = null;
      throw error;
    });
    return verification;
  };
  /** Runs a verb on a schema that was checked, once. */
  const verb =
    <A extends readonly unknown[], R>(
      call: (...parameters: A) => Promise<R>,
    ): ((...parameters: A) => Promise<R>) =>
    async (...parameters) => {
      await verified();
      try {
        return await call(...parameters);
      } catch (error) {
        if (
          isOutboxError(error) &&
          (error.code === 'STORE_UNAVAILABLE' || error.code === 'STORE_READ_ONLY')
        ) {
          streams.forget();
        }
        throw error;
      }
    };
  /** The same for all methods of a facet. */
  const facet = <F extends object>(methods: F): F =>
    Object.fromEntries(
      Object.entries(methods).map(([name, method]) => [
        name,
        verb(method as (...all: unknown[]) => Promise<unknown>),
      ]),
    ) as F;

  const read = reader(connections, tables, streams);
  const settle = settler(connections, settings);
  const renew = renewer(connections, tables);
  const wakeups = wakeupsFacet(connections, settings);
  // A pooler passes no replication on, so it goes where the wake-ups go.
  const directUrl = settings.wakeupUrl ?? settings.url;
  const log =
    directUrl === undefined ? undefined : logFacet(connections, tables, replicationClients(directUrl));
  const schema = schemaFacet(connections, tables);
  return {
    claim: verb(claimer(connections, tables, streams)),
    read: verb((lease, request) => read(lease as PgLease, request)),
    settle: verb((lease, settlements) => settle(lease as PgLease, settlements)),
    renew: verb((lease, leaseMs) => renew(lease as PgLease, leaseMs)),
    release: verb(releaser(connections, tables)),
    async close() {
      await wakeups?.close();
      await connections.end();
    },
    sharing: facet(sharingFacet(connections, tables)),
    schema: {
      ...schema,
      async remove() {
        // A slot without tables would keep the server's log for nobody.
        await new Slot(connections, tables).drop();
        await schema.remove();
      },
    },
    wakeups,
    inspection: facet(inspectionFacet(connections, tables)),
    recovery: facet(recoveryFacet(connections, settings)),
    maintenance: facet(maintenanceFacet(connections, settings)),
    parking: facet(parkingFacet(connections, tables)),
    log: log === undefined ? undefined : facet(log),
    diagnosis: diagnosisFacet(connections, settings),
  };
}
