import { mikroOrmTransaction } from '@outrelay/store-mysql/mikro-orm';
import { describeLibrary } from '../support/describe-library.ts';
import { mikroOrmMariadbApplication } from '../support/mysql/mikro-orm-mariadb.ts';
import { onMysqlServers } from '../support/mysql/servers.ts';

onMysqlServers((server) => {
  describeLibrary(
    {
      name: 'MikroORM with its driver for MariaDB',
      open: mikroOrmMariadbApplication,
      handle: mikroOrmTransaction,
      mistakes: ({ root }) => [
        { handle: root, told: /got an object/ },
        { handle: root.em, told: /got one outside a transaction/ },
        { handle: root.em.fork(), told: /got one outside a transaction/ },
      ],
    },
    server,
  );
});
