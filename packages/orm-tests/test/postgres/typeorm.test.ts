import { serverUrl } from '@outrelay/servers';
import { typeormTransaction } from '@outrelay/store-postgres/typeorm';
import { describe } from 'vitest';
import { describeLibrary } from '../support/describe-library.ts';
import { postgresServer } from '../support/postgres/database.ts';
import { typeormApplication } from '../support/postgres/typeorm.ts';

const url = serverUrl('postgres');

describe.skipIf(url === undefined)('PostgreSQL', () => {
  describeLibrary(
    {
      name: 'TypeORM on pg',
      open: typeormApplication,
      handle: typeormTransaction,
      mistakes: ({ root }) => [
        { handle: root, told: /got the data source/ },
        { handle: root.manager, told: /or an entity manager outside a transaction/ },
      ],
    },
    postgresServer(url ?? ''),
  );
});
