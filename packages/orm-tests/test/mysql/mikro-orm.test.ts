import { mikroOrmTransaction } from '@outrelay/store-mysql/mikro-orm';
import { describeLibrary } from '../support/describe-library.ts';
import { mikroOrmApplication } from '../support/mysql/mikro-orm.ts';
import { onMysqlServers } from '../support/mysql/servers.ts';

onMysqlServers((server) => {
  describeLibrary(
    {
      name: 'MikroORM with its driver for MySQL',
      open: mikroOrmApplication,
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
