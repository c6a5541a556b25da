import { join } from 'node:path';
import type { ServerInstance } from '../instance/server-instance.ts';
import { startOnFreePort } from '../instance/start-on-free-port.ts';
import { serverAccount } from '../system/account.ts';
import { reachableCopy } from '../system/reachable-copy.ts';
import { runToEnd } from '../system/run.ts';
import { scratchDirectory } from '../system/scratch-directory.ts';
import { findPostgres } from './postgres-binaries.ts';
import { postgresVersion } from './postgres-version.ts';

/** Server settings by name, for example `{ wal_level: 'logical' }`. */
export type PostgresSettings = Readonly<Record<string, string>>;

/** What {@link startPostgres} takes. */
export interface PostgresOptions {
  /** The major version. Default: the newest that Debian installed, else PATH, else the npm packages. */
  readonly version?: number | undefined;
  /** Default: none beyond {@link BASE_SETTINGS}. */
  readonly settings?: PostgresSettings | undefined;
}

/**
 * What every instance starts with. `fsync` is off because the operating system outlives the server in every test
 * here: a killed server finds all it had written. A test that needs more says so in its settings.
 */
const BASE_SETTINGS: PostgresSettings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'off',
};

/**
 * Starts a PostgreSQL server of the caller's own, superuser `postgres` without a password; `start` and `restart` take
 * other settings. PostgreSQL refuses to run as root, so root runs it as `postgres` or `nobody`.
 */
export async function startPostgres(
  options: PostgresOptions = {},
): Promise<ServerInstance<PostgresSettings>> {
  const binaries = await findPostgres(options.version);
  if (binaries === null) {
    throw new Error(`PostgreSQL ${options.version ?? ''} is neither installed nor there as an npm package.`);
  }
  const account = await serverAccount('postgres');
  const bin = join(await reachableCopy(join(binaries.bin, '..'), 'bin/postgres', account), 'bin');
  return startOnFreePort(options.settings ?? {}, async (port) => {
    const directory = scratchDirectory('postgres', account);
    const data = join(directory, 'data');
    const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
    const initialise = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
    await runToEnd(join(bin, 'initdb'), initialise, { cwd: directory, account });
    return {
      title: 'PostgreSQL',
      version: binaries.version,
      url,
      port,
      directory,
      account,
      stopSignal: 'SIGINT',
      abortSignal: 'SIGQUIT',
      command: (settings) => [
        join(bin, 'postgres'),
        ...['-D', data, '-p', String(port)],
        ...Object.entries({ ...BASE_SETTINGS, ...settings }).flatMap(([name, value]) => [
          '-c',
          `${name}=${value}`,
        ]),
      ],
      answers: () => postgresVersion(url),
    };
  });
}
