import { PrismaMariaDb } from '@prisma/adapter-mariadb';
import { type Prisma, PrismaClient } from '../../../dist/prisma-mysql/client.ts';
import { type Application, hold } from '../application.ts';

/** Prisma gives up on a transaction after five seconds; tests on a loaded machine need longer. */
const PATIENCE = { maxWait: 60_000, timeout: 60_000 };

/** An application on Prisma with its adapter for MySQL and MariaDB, which does not use mysql2. */
export function prismaApplication(
  url: string,
  useTextProtocol = true,
): Application<Prisma.TransactionClient, PrismaClient> {
  const adapter = new PrismaMariaDb(url.replace(/^mysql:/, 'mariadb:'), { useTextProtocol });
  const root = new PrismaClient({ adapter, transactionOptions: PATIENCE });
  return {
    root,
    begin: () => hold<Prisma.TransactionClient>((work) => root.$transaction(work)),
    // Prisma 7 nests transactions; the types do not say so.
    nest: (tx, work) => (tx as PrismaClient).$transaction(work),
    async insertOrder(tx, orderId) {
      await tx.order.create({ data: { orderId } });
    },
    async execute(tx, sql) {
      await tx.$executeRawUnsafe(sql);
    },
    close: () => root.$disconnect(),
  };
}
