import { clockFinding, type DiagnosisFacet, type Finding, fault, good, warning } from '@outrelay/core';
import type { MongoClientLike, MongoDatabase, MongoDocument } from './client.ts';
import type { Connection } from './connection.ts';

/** Examines the deployment by what it says of itself, and the client by how it is set up. */
export function diagnosisFacet(connection: Connection): DiagnosisFacet {
  const { client, db } = connection.database;
  return {
    examine: () =>
      connection.bare(async () => {
        const version = await versionFinding(db);
        const askedAtMs = Date.now();
        const hello = (await db.command({ hello: 1 })) as MongoDocument;
        const answeredAtMs = Date.now();
        return [
          version,
          topologyFinding(hello),
          primaryFinding(hello),
          writeConcernFinding(client),
          clockFinding((hello['localTime'] as Date).getTime(), askedAtMs, answeredAtMs),
        ];
      }),
  };
}

async function versionFinding(db: MongoDatabase): Promise<Finding> {
  const { version, documentdb } = (await db.command({ buildInfo: 1 })) as MongoDocument;
  if (documentdb === undefined) return good('version', `MongoDB ${String(version)}`);
  return good('version', 'DocumentDB, which has no change streams: relays poll');
}

function topologyFinding({ setName, msg }: MongoDocument): Finding {
  if (msg === 'isdbgrid') return good('replica-set', 'a sharded cluster');
  if (typeof setName === 'string') return good('replica-set', setName);
  return fault('replica-set', {
    seen: 'a standalone server, which has no transactions',
    expected: 'a replica set, of one member at least: without transactions no append can be atomic',
    remedy: 'Start it with mongod --replSet rs0, and once, in mongosh: rs.initiate()',
  });
}

function primaryFinding({ isWritablePrimary }: MongoDocument): Finding {
  if (isWritablePrimary !== false) return good('writable', 'the primary answers');
  return fault('writable', {
    seen: 'the server that answers is no primary',
    expected: 'the primary',
    remedy: 'Name the replica set in the URL (?replicaSet=rs0), without directConnection=true.',
  });
}

/** The store's own writes are the majority's whatever the client says; those of the application are the client's. */
function writeConcernFinding(client: MongoClientLike): Finding {
  const { writeConcern } = client as { writeConcern?: { w?: unknown } | undefined };
  const w = writeConcern?.w ?? 'majority';
  if (w === 'majority') return good('write-concern', w);
  return warning('write-concern', {
    seen: `the client writes with w: ${JSON.stringify(w)}`,
    expected: '"majority": else a failover takes back commits that were reported, with the messages in them',
    remedy: 'Take w out of the URL or the options of the client, and out of those of transactions.',
  });
}
