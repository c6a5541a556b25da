import { serverUrl } from '@outrelay/servers';
import { mikroOrmTransaction } from '@outrelay/store-postgres/mikro-orm';
import { describe } from 'vitest';
import { describeLibrary } from '../support/describe-library.ts';
import { postgresServer } from '../support/postgres/database.ts';
import { mikroOrmApplication } from '../support/postgres/mikro-orm.ts';

const url = serverUrl('postgres');

describe.skipIf(url === undefined)('PostgreSQL', () => {
  describeLibrary(
    {
      name: 'MikroORM on pg',
      open: mikroOrmApplication,
      handle: mikroOrmTransaction,
      mistakes: ({ root }) => [
        { handle: root, told: /got an object/ },
        { handle: root.em, told: /got one outside a transaction/ },
        { handle: root.em.fork(), told: /got one outside a transaction/ },
      ],
    },
    postgresServer(url ?? ''),
  );
});
