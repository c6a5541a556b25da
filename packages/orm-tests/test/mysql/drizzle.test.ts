import { drizzleTransaction } from '@outrelay/store-mysql/drizzle';
import { describeLibrary } from '../support/describe-library.ts';
import { drizzleApplication } from '../support/mysql/drizzle.ts';
import { onMysqlServers } from '../support/mysql/servers.ts';

onMysqlServers((server) => {
  describeLibrary(
    {
      name: 'Drizzle with mysql2',
      open: drizzleApplication,
      handle: drizzleTransaction,
      mistakes: ({ root }) => [{ handle: root, told: /got the root of Drizzle/ }],
    },
    server,
  );
});
