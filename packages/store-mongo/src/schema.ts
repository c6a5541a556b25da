import { randomUUID } from 'node:crypto';
import type { MigrationStep, SchemaFacet } from '@outrelay/core';
import { COUNTER } from './append.ts';
import type { MongoDocument } from './client.ts';
import type { Connection } from './connection.ts';
import type { Database } from './database.ts';
import { findDrift } from './drift.ts';
import { codeOf, isDuplicateKey } from './errors.ts';
import { assertTransactions, installedVersion, isCompatible } from './installation.ts';
import { LATEST_VERSION, type Step, stepsAfter } from './migrations/migrations.ts';
import { PARTITIONS } from './partition.ts';

const NAMESPACE_EXISTS = 48;

/**
 * Creates and inspects the collections.
 *
 * MongoDB has no transactions over collections and indexes. So every command of a step can be repeated, by several
 * processes at once, and the document of the version comes last: who inserts it has taken the step.
 */
export function schemaFacet(connection: Connection): SchemaFacet {
  const { database, installations } = connection;
  const { db, collections } = database;
  const installed = async (): Promise<number> => (await installedVersion(database))?.version ?? 0;
  return {
    status: () =>
      connection.bare(async () => {
        const found = await installedVersion(database);
        if (found === null) return { installed: 0, latest: LATEST_VERSION, compatible: false, drift: [] };
        const drift = await findDrift(database, found.version);
        return { installed: found.version, latest: LATEST_VERSION, compatible: isCompatible(found), drift };
      }),

    plan: () => connection.bare(async () => stepsAfter(await installed(), collections).map(publicPart)),

    apply: () =>
      connection.bare(async () => {
        await assertTransactions(database);
        const taken: MigrationStep[] = [];
        for (const step of stepsAfter(await installed(), collections)) {
          if (await take(database, step)) taken.push(publicPart(step));
        }
        installations.forget();
        return taken;
      }),

    remove: () =>
      connection.bare(async () => {
        for (const name of collections.names.toReversed()) {
          await db.command({ drop: name }).catch((error: unknown) => {
            // Servers before 7.0 say so when there is no such collection.
            if (codeOf(error) !== 26) throw error;
          });
        }
        installations.forget();
      }),
  };
}

function publicPart({ version, name, statements }: Step): MigrationStep {
  return { version, name, statements };
}

async function take(database: Database, step: Step): Promise<boolean> {
  for (const command of step.commands) {
    await database.db.command(command).catch((error: unknown) => {
      if (codeOf(error) !== NAMESPACE_EXISTS) throw error;
    });
  }
  const free = { token: null, relay: null, expires_at: new Date(0), released: true };
  const counts = { losses: 0, last_read: 0, suspect_left: 0, fences: 0 };
  const operations = Array.from({ length: PARTITIONS }, (_, no) => ({
    updateOne: { filter: { _id: no }, update: { $setOnInsert: { ...free, ...counts } }, upsert: true },
  }));
  await database.collection('partitions').bulkWrite(operations, { ordered: false });
  await database
    .collection('positions')
    .updateOne({ _id: COUNTER }, { $setOnInsert: { last: 0 } }, { upsert: true });
  return recordVersion(database, step);
}

/**
 * Inserts the document of the version; answers `false` when somebody else has.
 *
 * It holds a probe: an empty timestamp, which MongoDB fills and compatible servers leave empty. The class for it is
 * that of a timestamp which the driver has read.
 */
async function recordVersion(database: Database, { version, name, minCompatible }: Step): Promise<boolean> {
  const collection = database.collection('schema');
  const stamp = { $currentDate: { stamp: { $type: 'timestamp' } } };
  await collection.updateOne({ _id: 'clock' }, stamp, { upsert: true });
  const clock = (await collection.findOne({ _id: 'clock' })) as MongoDocument;
  const Timestamp = (clock['stamp'] as { constructor: new (value: object) => unknown }).constructor;
  try {
    await collection.insertOne({
      _id: version,
      version,
      name,
      min_compatible: minCompatible,
      installation: randomUUID(),
      probe: new Timestamp({ t: 0, i: 0 }),
      applied_at: new Date(),
    });
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}
