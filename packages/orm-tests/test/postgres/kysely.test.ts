import { serverUrl } from '@outrelay/servers';
import { kyselyTransaction } from '@outrelay/store-postgres/kysely';
import { describe } from 'vitest';
import { describeLibrary } from '../support/describe-library.ts';
import { postgresServer } from '../support/postgres/database.ts';
import { kyselyApplication } from '../support/postgres/kysely.ts';

const url = serverUrl('postgres');

describe.skipIf(url === undefined)('PostgreSQL', () => {
  describeLibrary(
    {
      name: 'Kysely on pg',
      open: kyselyApplication,
      handle: kyselyTransaction,
      mistakes: ({ root }) => [{ handle: root, told: /got the root of Kysely/ }],
    },
    postgresServer(url ?? ''),
  );
});
