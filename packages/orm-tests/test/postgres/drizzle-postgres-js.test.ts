import { serverUrl } from '@outrelay/servers';
import { drizzleTransaction } from '@outrelay/store-postgres/drizzle';
import { describe } from 'vitest';
import { describeLibrary } from '../support/describe-library.ts';
import { postgresServer } from '../support/postgres/database.ts';
import { drizzlePostgresJsApplication } from '../support/postgres/drizzle-postgres-js.ts';

const url = serverUrl('postgres');

describe.skipIf(url === undefined)('PostgreSQL', () => {
  describeLibrary(
    {
      name: 'Drizzle with postgres.js',
      open: drizzlePostgresJsApplication,
      handle: drizzleTransaction,
      mistakes: ({ root }) => [{ handle: root, told: /got the root of Drizzle/ }],
    },
    postgresServer(url ?? ''),
  );
});
