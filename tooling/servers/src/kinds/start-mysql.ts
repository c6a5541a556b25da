import { chownSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerInstance } from '../instance/server-instance.ts';
import { startOnFreePort } from '../instance/start-on-free-port.ts';
import { serverAccount } from '../system/account.ts';
import { findBinary } from '../system/binary.ts';
import { findDebianRoot } from '../system/debian-root.ts';
import { run, runToEnd } from '../system/run.ts';
import { scratchDirectory } from '../system/scratch-directory.ts';
import { mysqlVersion } from './mysql-version.ts';

/** What {@link startMysql} takes. */
export interface MysqlOptions {
  /** Command-line arguments of `mysqld`, for example `['--innodb-lock-wait-timeout=1']`. Default: none. */
  readonly args?: readonly string[] | undefined;
}

/** The packages of Debian sid that hold the server. */
export const MYSQL_PACKAGES: readonly string[] = ['mysql-server-core'];

const ROOT_PROGRAM = '/usr/sbin/mysqld';

/** How the program is started: by itself, or inside a root that holds the libraries it needs. */
interface MysqlProgram {
  readonly command: readonly [string, ...string[]];
  /** The directory that `/` stands for to the program. */
  readonly root: string;
  readonly version: string;
}

/** A `mysqld` that is MySQL: MariaDB installs its own server under that name as well. `null` when there is none. */
export async function findMysql(): Promise<MysqlProgram | null> {
  const installed = findBinary('mysqld');
  const root = findDebianRoot(MYSQL_PACKAGES);
  const candidates: Omit<MysqlProgram, 'version'>[] = [
    ...(installed === null ? [] : [{ command: [installed] as const, root: '/' }]),
    ...(root === null ? [] : [{ command: ['chroot', root, ROOT_PROGRAM] as const, root }]),
  ];
  for (const candidate of candidates) {
    const [file, ...args] = candidate.command;
    const { code, output } = await run(file, [...args, '--version']);
    const version = /Ver (?<version>[\d.]+)/.exec(output)?.groups?.['version'];
    if (code === 0 && version !== undefined && !/MariaDB/i.test(output)) return { ...candidate, version };
  }
  return null;
}

/** Starts a MySQL server of the caller's own, user `root` without a password; `restart` takes other arguments. */
export async function startMysql(options: MysqlOptions = {}): Promise<ServerInstance<readonly string[]>> {
  const program = await findMysql();
  if (program === null) {
    throw new Error(
      'MySQL is not installed. As root on Debian, npm test puts it into a directory of its own.',
    );
  }
  const { root, version } = program;
  const [file, ...before] = program.command;
  return startOnFreePort(options.args ?? [], async (port) => {
    // MySQL gives up root by itself, after `chroot` has needed it. The account is that of the system where it is known.
    const user = root === '/' ? await serverAccount('mysql') : NOBODY;
    const directory = scratchDirectory('mysql', null, root === '/' ? undefined : join(root, 'tmp'));
    if (user !== null) chownSync(directory, user.uid, user.gid);
    const inside = root === '/' ? directory : directory.slice(root.length);
    const common = [
      ...before,
      '--no-defaults',
      ...(root === '/' ? [] : ['--user=nobody']),
      `--datadir=${inside}/data`,
      // Its default place is made by packages that are not needed otherwise.
      '--secure-file-priv=',
    ];
    const account = root === '/' ? user : null;
    const url = `mysql://root@127.0.0.1:${port}/`;
    await runToEnd(file, [...common, '--initialize-insecure'], { cwd: directory, account });
    return {
      title: 'MySQL',
      version,
      url,
      port,
      directory,
      account,
      stopSignal: 'SIGTERM',
      abortSignal: 'SIGKILL',
      command: (args) => [
        file,
        ...common,
        `--port=${port}`,
        '--bind-address=127.0.0.1',
        `--socket=${inside}/server.sock`,
        `--pid-file=${inside}/server.pid`,
        '--mysqlx=OFF',
        '--innodb-flush-log-at-trx-commit=2',
        '--sync-binlog=0',
        '--innodb-buffer-pool-size=64M',
        ...args,
      ],
      answers: () => mysqlVersion(url),
    };
  });
}

/** `nobody` of every Debian. */
const NOBODY = { uid: 65_534, gid: 65_534 };
