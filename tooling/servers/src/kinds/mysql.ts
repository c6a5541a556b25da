import { mysqlVersion } from './mysql-version.ts';
import type { ServerKind } from './server-kind.ts';
import { findMysql, MYSQL_PACKAGES, startMysql } from './start-mysql.ts';

/** How suites find a MySQL server; MariaDB is another kind, because both must pass. */
export const mysql: ServerKind = {
  name: 'mysql',
  title: 'MySQL',
  port: 3306,
  localUrls: [3306, 3307].map((port) => `mysql://root@127.0.0.1:${port}/`),
  identify: mysqlVersion,
  start: async () => ((await findMysql()) === null ? null : startMysql()),
  service: 'mysql',
  // Debian's stable releases have MariaDB instead, also under the name mysql-server.
  debianPackages: [],
  sidPackages: MYSQL_PACKAGES,
  remedy: 'Start one: docker compose up --detach --wait mysql.',
};
