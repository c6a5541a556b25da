import type { ClaimRequest, Lease, LogFacet } from '@outrelay/core';
import { taker } from '../claim.ts';
import type { Connections } from '../connections.ts';
import { partitionsSql, surveyOf } from '../due.ts';
import type { Tables } from '../tables.ts';
import { admitter } from './admit.ts';
import { followLog } from './follow.ts';
import type { ReplicationClientFactory } from './replication-client.ts';
import { Slot } from './slot.ts';

/**
 * The write-ahead log as a carrier of messages: a logical slot and a publication of the table of messages, which must
 * have been created by `create`. Needs `wal_level = logical` and a role that may replicate.
 *
 * @param open - opens a connection for replication; it must reach the server itself, not a pooler
 */
export function logFacet(connections: Connections, tables: Tables, open: ReplicationClientFactory): LogFacet {
  const slot = new Slot(connections, tables);
  const take = taker(connections, tables);
  return {
    follow: (follower) => followLog(open, slot.names, tables, follower),
    async hold(request: ClaimRequest): Promise<Lease | null> {
      const [rows = []] = await connections.look([partitionsSql(tables)]);
      const free = surveyOf(rows).partitions.filter((partition) => partition.free);
      if (free.length === 0) return null;
      return take(
        request,
        free.map(({ number }) => number),
      );
    },
    admit: admitter(connections, tables),
    status: () => slot.status(),
    create: () => slot.create(),
    drop: () => slot.drop(),
  };
}
