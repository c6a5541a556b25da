import { serverUrl } from '@outrelay/servers';
import { describe } from 'vitest';
import type { Server } from '../library.ts';
import { mysqlServer } from './database.ts';

/** Defines tests on each of the servers that the run has. */
export function onMysqlServers(define: (server: Server) => void): void {
  for (const [name, title] of [
    ['mariadb', 'MariaDB'],
    ['mysql', 'MySQL'],
  ] as const) {
    const url = serverUrl(name);
    describe.skipIf(url === undefined)(`On ${title}`, () => {
      define(mysqlServer(url ?? ''));
    });
  }
}
