import { chownSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import type { ServerInstance } from '../instance/server-instance.ts';
import { startOnFreePort } from '../instance/start-on-free-port.ts';
import { postgresVersion } from '../kinds/postgres-version.ts';
import { findDebianRoot } from '../system/debian-root.ts';
import { run, runToEnd } from '../system/run.ts';
import { scratchDirectory } from '../system/scratch-directory.ts';

/** The package of Debian sid that holds DocumentDB; it brings PostgreSQL. */
export const DOCUMENTDB_PACKAGES: readonly string[] = ['postgresql-18-documentdb'];

const BIN = '/usr/lib/postgresql/18/bin';

/** The root that DocumentDB runs in, or `null` when none has been made. */
export function findDocumentdb(): string | null {
  return findDebianRoot(DOCUMENTDB_PACKAGES);
}

/** PostgreSQL with DocumentDB in it. */
export async function startDocumentdbPostgres(): Promise<ServerInstance<readonly string[]>> {
  const root = findDocumentdb();
  if (root === null) {
    throw new Error(
      'DocumentDB is not installed. As root on Debian, npm test puts it into a directory of its own.',
    );
  }
  const { output } = await run('chroot', [root, 'id', '-u', 'postgres']);
  const uid = Number(output);
  const enter = ['--userspec=postgres', root] as const;
  const { output: version } = await run('chroot', [...enter, `${BIN}/postgres`, '--version']);
  const instance = await startOnFreePort<readonly string[]>([], async (port) => {
    const directory = scratchDirectory('documentdb', null, join(root, 'tmp'));
    chownSync(directory, uid, uid);
    const data = `${directory.slice(root.length)}/data`;
    const initialise = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
    await runToEnd('chroot', [...enter, `${BIN}/initdb`, ...initialise]);
    const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
    return {
      title: 'DocumentDB',
      version: /\(PostgreSQL\) (?<version>[\d.]+)/.exec(version)?.groups?.['version'] ?? '18',
      url,
      port,
      directory,
      account: null,
      stopSignal: 'SIGINT',
      abortSignal: 'SIGQUIT',
      command: (settings) => [
        'chroot',
        ...enter,
        `${BIN}/postgres`,
        ...['-D', data, '-p', String(port)],
        ...[...SETTINGS, ...settings].flatMap((setting) => ['-c', setting]),
      ],
      answers: () => postgresVersion(url),
    };
  });
  try {
    await installExtension(instance.url);
    return instance;
  } catch (error) {
    await instance.remove();
    throw error;
  }
}

const SETTINGS: readonly string[] = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'fsync=off',
  'max_connections=200',
  'shared_preload_libraries=pg_cron,pg_documentdb_core,pg_documentdb',
  'cron.database_name=postgres',
];

async function installExtension(url: string): Promise<void> {
  const client = new Client(url);
  await client.connect();
  try {
    await client.query('CREATE EXTENSION IF NOT EXISTS documentdb CASCADE');
  } finally {
    await client.end();
  }
}
