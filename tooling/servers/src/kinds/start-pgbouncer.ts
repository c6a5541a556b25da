import { chownSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerInstance } from '../instance/server-instance.ts';
import { startOnFreePort } from '../instance/start-on-free-port.ts';
import { serverAccount } from '../system/account.ts';
import { aptInstall, mayInstall } from '../system/apt.ts';
import { findBinary } from '../system/binary.ts';
import { run } from '../system/run.ts';
import { scratchDirectory } from '../system/scratch-directory.ts';
import { postgresVersion } from './postgres-version.ts';

/** What {@link startPgbouncer} takes. */
export interface PgbouncerOptions {
  /** The PostgreSQL server behind it; its user must need no password. Databases keep their names. */
  readonly target: string;
  /** Lines of the section `[pgbouncer]`. Default: transaction mode with 20 connections. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
}

const SETTINGS = {
  pool_mode: 'transaction',
  default_pool_size: '20',
  max_client_conn: '500',
  auth_type: 'any',
  ignore_startup_parameters: 'extra_float_digits',
  // A server that went away is asked for again soon, and whoever waits for it hears so.
  server_login_retry: '1',
  query_wait_timeout: '2',
  server_reset_query: '',
};

/**
 * Finds PgBouncer; on Debian root installs it. Answers with why it is not there.
 */
export async function findPgbouncer(): Promise<{ readonly path: string } | { readonly none: string }> {
  const path = findBinary('pgbouncer');
  if (path !== null) return { path };
  if (!mayInstall()) return { none: 'PgBouncer is not installed: apt-get install pgbouncer' };
  const failure = await aptInstall(['pgbouncer']);
  const installed = findBinary('pgbouncer');
  return installed === null
    ? { none: failure ?? 'the package pgbouncer brought no program' }
    : { path: installed };
}

/** Starts a pooler of the caller's own in front of a PostgreSQL server. */
export async function startPgbouncer({
  target,
  settings = {},
}: PgbouncerOptions): Promise<ServerInstance<null>> {
  const found = await findPgbouncer();
  if ('none' in found) throw new Error(found.none);
  const { output } = await run(found.path, ['--version']);
  const version = /PgBouncer (?<version>[\d.]+)/.exec(output)?.groups?.['version'] ?? 'of an unknown version';
  const account = await serverAccount('postgres');
  const server = new URL(target);
  const user = decodeURIComponent(server.username);
  return startOnFreePort(null, async (port) => {
    const directory = scratchDirectory('pgbouncer', account);
    const file = join(directory, 'pgbouncer.ini');
    const lines = {
      listen_addr: '127.0.0.1',
      listen_port: String(port),
      unix_socket_dir: '',
      ...SETTINGS,
      ...settings,
    };
    writeFileSync(
      file,
      [
        '[databases]',
        `* = host=${server.hostname} port=${server.port || '5432'} user=${user}`,
        '[pgbouncer]',
        ...Object.entries(lines).map(([name, value]) => `${name} = ${value}`),
        '',
      ].join('\n'),
    );
    if (account !== null) chownSync(file, account.uid, account.gid);
    const url = `postgres://${server.username}@127.0.0.1:${port}${server.pathname}`;
    return {
      title: 'PgBouncer',
      version,
      url,
      port,
      directory,
      account,
      stopSignal: 'SIGINT',
      abortSignal: 'SIGKILL',
      command: () => [found.path, file],
      answers: () => postgresVersion(url),
    };
  });
}
