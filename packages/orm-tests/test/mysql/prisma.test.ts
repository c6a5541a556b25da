import { createOutbox } from '@outrelay/core';
import { serverUrl } from '@outrelay/servers';
import { prismaTransaction } from '@outrelay/store-mysql/prisma';
import { describe, expect, it } from 'vitest';
import { describeLibrary } from '../support/describe-library.ts';
import { mysqlServer } from '../support/mysql/database.ts';
import { prismaApplication } from '../support/mysql/prisma.ts';
import { onMysqlServers } from '../support/mysql/servers.ts';

onMysqlServers((server) => {
  describeLibrary(
    {
      name: 'Prisma with its adapter for MariaDB',
      open: (url) => prismaApplication(url),
      handle: prismaTransaction,
      mistakes: ({ root }) => [
        { handle: root, told: /got a PrismaClient/ },
        { handle: root.$extends({}), told: /got a PrismaClient/ },
      ],
    },
    server,
  );
});

const mysql = serverUrl('mysql');

describe.skipIf(mysql === undefined)('Prisma on MySQL with prepared statements', () => {
  it('tells which option it lacks when an append needs a savepoint, and keeps the transaction usable', async () => {
    const database = await mysqlServer(mysql ?? '').createDatabase();
    const application = prismaApplication(database.url, false);
    const store = database.store({ name: 'prepared_' });
    try {
      await store.schema.apply();
      const { handle, commit } = await application.begin();
      const append = createOutbox({ store }).append(prismaTransaction(handle), [
        { topic: 'later', payload: null, availableAt: new Date(0) },
      ]);
      await expect(append).rejects.toMatchObject({
        code: 'NOT_SUPPORTED',
        message: expect.stringContaining('useTextProtocol: true'),
      });
      await application.insertOrder(handle, 'all the same');
      await commit();
      expect(await database.orders()).toEqual(['all the same']);
    } finally {
      await store.close();
      await application.close();
      await database.drop();
    }
  });
});
