import { typeormTransaction } from '@outrelay/store-mysql/typeorm';
import { describeLibrary } from '../support/describe-library.ts';
import { onMysqlServers } from '../support/mysql/servers.ts';
import { typeormApplication } from '../support/mysql/typeorm.ts';

onMysqlServers((server) => {
  describeLibrary(
    {
      name: 'TypeORM on mysql2',
      open: typeormApplication,
      handle: typeormTransaction,
      mistakes: ({ root }) => [
        { handle: root, told: /got the data source/ },
        { handle: root.manager, told: /or an entity manager outside a transaction/ },
      ],
    },
    server,
  );
});
