import { kyselyTransaction } from '@outrelay/store-mysql/kysely';
import { describeLibrary } from '../support/describe-library.ts';
import { kyselyApplication } from '../support/mysql/kysely.ts';
import { onMysqlServers } from '../support/mysql/servers.ts';

onMysqlServers((server) => {
  describeLibrary(
    {
      name: 'Kysely on mysql2',
      open: kyselyApplication,
      handle: kyselyTransaction,
      mistakes: ({ root }) => [{ handle: root, told: /got the root of Kysely/ }],
    },
    server,
  );
});
