import { MongoClient } from 'mongodb';

/** What a server says of itself. */
export interface MongodbIdentity {
  readonly version: string;
  /** Whether it is in a replica set or routes to shards; otherwise it has no transactions. */
  readonly transactional: boolean;
}

/** Asks the server behind a URL who it is. */
export async function mongodbIdentity(url: string): Promise<MongodbIdentity> {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 3_000, connectTimeoutMS: 3_000 });
  try {
    const admin = client.db('admin');
    const hello = await admin.command({ hello: 1 });
    const { version, documentdb } = await admin.command({ buildInfo: 1 });
    const transactional = hello['setName'] !== undefined || hello['msg'] === 'isdbgrid';
    // The bridge to DocumentDB says what is behind it, and so does the table of a run.
    const title = documentdb === undefined ? String(version) : `DocumentDB ${documentdb} behind a bridge`;
    return { version: title, transactional };
  } finally {
    await client.close();
  }
}

/** The version of the MongoDB server behind a URL; one that is no member of a replica set is refused. */
export async function mongodbVersion(url: string): Promise<string> {
  const { version, transactional } = await mongodbIdentity(url);
  if (transactional) return version;
  throw new Error('The server there is neither in a replica set nor a mongos; transactions need one.');
}
