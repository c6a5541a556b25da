import { serverUrl } from '@outrelay/servers';
import { postgresJsTransaction } from '@outrelay/store-postgres/postgres-js';
import { describe } from 'vitest';
import { describeLibrary } from '../support/describe-library.ts';
import { postgresServer } from '../support/postgres/database.ts';
import { postgresJsApplication } from '../support/postgres/postgres-js.ts';

const url = serverUrl('postgres');

describe.skipIf(url === undefined)('PostgreSQL', () => {
  describeLibrary(
    {
      name: 'postgres.js',
      open: postgresJsApplication,
      handle: postgresJsTransaction,
      mistakes: ({ root }) => [{ handle: root, told: /got the root of postgres\.js/ }],
    },
    postgresServer(url ?? ''),
  );
});
