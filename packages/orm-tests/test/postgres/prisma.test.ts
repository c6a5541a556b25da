import { serverUrl } from '@outrelay/servers';
import { prismaTransaction } from '@outrelay/store-postgres/prisma';
import { describe } from 'vitest';
import { describeLibrary } from '../support/describe-library.ts';
import { postgresServer } from '../support/postgres/database.ts';
import { prismaApplication } from '../support/postgres/prisma.ts';

const url = serverUrl('postgres');

describe.skipIf(url === undefined)('PostgreSQL', () => {
  describeLibrary(
    {
      name: 'Prisma with its adapter for pg',
      open: prismaApplication,
      handle: prismaTransaction,
      mistakes: ({ root }) => [
        { handle: root, told: /got a PrismaClient/ },
        { handle: root.$extends({}), told: /got a PrismaClient/ },
      ],
    },
    postgresServer(url ?? ''),
  );
});
