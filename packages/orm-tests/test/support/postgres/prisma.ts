import { PrismaPg } from '@prisma/adapter-pg';
import { type Prisma, PrismaClient } from '../../../dist/prisma-postgres/client.ts';
import { type Application, hold } from '../application.ts';

/** Prisma gives up on a transaction after five seconds; tests on a loaded machine need longer. */
const PATIENCE = { maxWait: 60_000, timeout: 60_000 };

/** An application on Prisma with its adapter for node-postgres. */
export function prismaApplication(url: string): Application<Prisma.TransactionClient, PrismaClient> {
  const adapter = new PrismaPg({ connectionString: url });
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
