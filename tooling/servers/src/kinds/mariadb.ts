import type { ServerKind } from './server-kind.ts';
import { mariadbVersion } from './mysql-version.ts';
import { findMariadb, startMariadb } from './start-mariadb.ts';

/** How suites find a MariaDB server. */
export const mariadb: ServerKind = {
  name: 'mariadb',
  title: 'MariaDB',
  port: 3306,
  localUrls: [3306, 3307].map((port) => `mysql://root@127.0.0.1:${port}/`),
  identify: mariadbVersion,
  start: async () => (findMariadb() === null ? null : startMariadb()),
  service: 'mariadb',
  debianPackages: ['mariadb-server'],
  sidPackages: [],
  remedy: 'Install one: apt-get install mariadb-server, or brew install mariadb.',
};
