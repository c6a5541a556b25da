import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import type { ServerInstance } from '../instance/server-instance.ts';
import { startOnFreePort } from '../instance/start-on-free-port.ts';
import { findBinary, isExecutable } from '../system/binary.ts';
import { run } from '../system/run.ts';
import { scratchDirectory } from '../system/scratch-directory.ts';
import { until } from '../system/until.ts';
import { mongodbVersion } from './mongodb-version.ts';

/** What {@link startMongod} takes. */
export interface MongodOptions {
  /** Command-line arguments of `mongod`. Default: none. */
  readonly args?: readonly string[] | undefined;
}

/** Where mongodb-memory-server keeps what it has downloaded. */
const DOWNLOADS = join(homedir(), '.cache', 'mongodb-binaries');
const SET_NAME = 'outrelay';

interface Mongod {
  readonly path: string;
  readonly version: string;
}

/** A `mongod` on PATH or among the downloads of mongodb-memory-server, the newest first; `null` when there is none. */
export async function findMongod(): Promise<Mongod | null> {
  const installed = findBinary('mongod');
  for (const path of [...(installed === null ? [] : [installed]), ...downloads()]) {
    const { code, output } = await run(path, ['--version']);
    const version = /db version v(?<version>[\d.]+)/.exec(output)?.groups?.['version'];
    if (code === 0 && version !== undefined) return { path, version };
  }
  return null;
}

function downloads(): readonly string[] {
  try {
    return readdirSync(DOWNLOADS)
      .filter((name) => name.startsWith('mongod'))
      .toSorted()
      .toReversed()
      .map((name) => join(DOWNLOADS, name))
      .filter(isExecutable);
  } catch {
    return [];
  }
}

/** Starts a replica set of one MongoDB server, of the caller's own; fail points can be set on it. */
export async function startMongod(options: MongodOptions = {}): Promise<ServerInstance<readonly string[]>> {
  const mongod = await findMongod();
  if (mongod === null)
    throw new Error('mongod is neither on PATH nor among the downloads of mongodb-memory-server.');
  return startOnFreePort(options.args ?? [], async (port) => {
    const directory = scratchDirectory('mongod');
    const url = `mongodb://127.0.0.1:${port}/?directConnection=true`;
    return {
      title: 'MongoDB',
      version: mongod.version,
      url,
      port,
      directory,
      account: null,
      stopSignal: 'SIGTERM',
      abortSignal: 'SIGKILL',
      command: (args) => [
        mongod.path,
        ...['--dbpath', directory, '--port', String(port), '--bind_ip', '127.0.0.1', '--replSet', SET_NAME],
        ...['--setParameter', 'enableTestCommands=1'],
        ...args,
      ],
      async answers() {
        await initiate(url);
        return mongodbVersion(url);
      },
    };
  });
}

/** Makes the server a replica set, and waits until it is the primary of it. */
async function initiate(url: string): Promise<void> {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 3_000, connectTimeoutMS: 3_000 });
  try {
    const admin = client.db('admin');
    const { setName } = await admin.command({ hello: 1 });
    const members = [{ _id: 0, host: new URL(url).host }];
    if (setName === undefined) await admin.command({ replSetInitiate: { _id: SET_NAME, members } });
    await until('the server to be primary', async () => {
      const { isWritablePrimary } = await admin.command({ hello: 1 });
      if (isWritablePrimary !== true) throw new Error('not yet');
    });
  } finally {
    await client.close();
  }
}
