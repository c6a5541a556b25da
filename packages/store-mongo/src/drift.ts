import type { MongoCollection } from './client.ts';
import type { Database } from './database.ts';
import { expectedCollections, LATEST_VERSION } from './migrations/migrations.ts';
import { PARTITIONS } from './partition.ts';

/** Differences between the collections that are there and those of the installed version, for people. */
export async function findDrift(database: Database, version: number): Promise<readonly string[]> {
  const drift: string[] = [];
  // What a newer package made cannot be judged by an older one.
  if (version > LATEST_VERSION) return drift;
  const listed = (await database.db.listCollections({}, { nameOnly: true }).toArray()) as { name: string }[];
  const there = new Set(listed.map(({ name }) => name));
  for (const [name, indexes] of expectedCollections(version, database.collections)) {
    if (!there.has(name)) {
      drift.push(`the collection ${name} is missing`);
      continue;
    }
    const collection = database.db.collection(name) as MongoCollection & {
      indexes(): Promise<{ name: string; key: object }[]>;
    };
    const found = new Map((await collection.indexes()).map((index) => [index.name, index.key]));
    for (const index of indexes) {
      const key = found.get(index.name);
      if (key === undefined) drift.push(`the index ${index.name} of ${name} is missing`);
      else if (JSON.stringify(key) !== JSON.stringify(index.key))
        drift.push(`the index ${index.name} of ${name} is not as version ${version} made it`);
    }
  }
  const partitions = await database
    .collection('partitions')
    .find({}, { projection: { _id: 1 } })
    .toArray();
  if (partitions.length !== PARTITIONS)
    drift.push(
      `${database.collections.partitions} has ${partitions.length} documents instead of ${PARTITIONS}`,
    );
  return drift;
}
