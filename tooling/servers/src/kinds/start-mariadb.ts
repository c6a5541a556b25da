import { join } from 'node:path';
import type { ServerInstance } from '../instance/server-instance.ts';
import { startOnFreePort } from '../instance/start-on-free-port.ts';
import { serverAccount } from '../system/account.ts';
import { findBinary } from '../system/binary.ts';
import { runToEnd } from '../system/run.ts';
import { scratchDirectory } from '../system/scratch-directory.ts';
import { mariadbVersion } from './mysql-version.ts';

/** What {@link startMariadb} takes. */
export interface MariadbOptions {
  /** Command-line arguments of `mariadbd`, for example `['--innodb-lock-wait-timeout=1']`. Default: none. */
  readonly args?: readonly string[] | undefined;
}

/** The programs that an instance needs, or `null` when one of them is missing. */
export function findMariadb(): { readonly server: string; readonly installer: string } | null {
  const server = findBinary('mariadbd');
  const installer = findBinary('mariadb-install-db');
  return server === null || installer === null ? null : { server, installer };
}

/** Starts a MariaDB server of the caller's own, user `root` without a password; `restart` takes other arguments. */
export async function startMariadb(options: MariadbOptions = {}): Promise<ServerInstance<readonly string[]>> {
  const programs = findMariadb();
  if (programs === null) throw new Error('MariaDB is not installed: apt-get install mariadb-server.');
  const { server, installer } = programs;
  const version = /Ver (?<version>[\d.]+)/.exec(await runToEnd(server, ['--version']))?.groups?.['version'];
  const account = await serverAccount('mysql');
  return startOnFreePort(options.args ?? [], async (port) => {
    const directory = scratchDirectory('mariadb', account);
    const data = join(directory, 'data');
    const url = `mysql://root@127.0.0.1:${port}/`;
    const login = '--auth-root-authentication-method=normal';
    await runToEnd(installer, ['--no-defaults', `--datadir=${data}`, login, '--skip-test-db'], {
      cwd: directory,
      account,
    });
    return {
      title: 'MariaDB',
      version: version ?? 'of an unknown version',
      url,
      port,
      directory,
      account,
      stopSignal: 'SIGTERM',
      abortSignal: 'SIGKILL',
      command: (args) => [
        server,
        '--no-defaults',
        `--datadir=${data}`,
        `--port=${port}`,
        '--bind-address=127.0.0.1',
        `--socket=${join(directory, 'server.sock')}`,
        `--pid-file=${join(directory, 'server.pid')}`,
        '--innodb-flush-log-at-trx-commit=2',
        '--innodb-buffer-pool-size=64M',
        ...args,
      ],
      answers: () => mariadbVersion(url),
    };
  });
}
