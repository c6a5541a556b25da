import type { MikroORM } from '@mikro-orm/mysql';
import type { drizzleTransaction } from '@outrelay/store-mysql/drizzle';
import type { kyselyTransaction } from '@outrelay/store-mysql/kysely';
import type { mikroOrmTransaction } from '@outrelay/store-mysql/mikro-orm';
import type { prismaTransaction } from '@outrelay/store-mysql/prisma';
import type { typeormTransaction } from '@outrelay/store-mysql/typeorm';
import type { MySql2Database } from 'drizzle-orm/mysql2';
import type { ControlledTransaction, Kysely, Transaction } from 'kysely';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import { expectTypeOf, it } from 'vitest';
import type { Prisma, PrismaClient } from '../../dist/prisma-mysql/client.ts';

/** The transaction that the callback of a method receives. */
type Received<D extends { transaction(work: never): unknown }> = Parameters<
  Parameters<D['transaction']>[0]
>[0];

interface Schema {
  readonly orders: { readonly id: string };
}

/*
 * The compiler accepts the transactions of each library and refuses what transactions are opened from. Only the entity
 * managers of TypeORM and MikroORM have one type for both.
 */
it('takes transactions and refuses roots', () => {
  expectTypeOf<Transaction<Schema>>().toExtend<Parameters<typeof kyselyTransaction>[0]>();
  expectTypeOf<ControlledTransaction<Schema>>().toExtend<Parameters<typeof kyselyTransaction>[0]>();
  expectTypeOf<Kysely<Schema>>().not.toExtend<Parameters<typeof kyselyTransaction>[0]>();

  expectTypeOf<Received<MySql2Database>>().toExtend<Parameters<typeof drizzleTransaction>[0]>();
  expectTypeOf<MySql2Database>().not.toExtend<Parameters<typeof drizzleTransaction>[0]>();

  expectTypeOf<EntityManager>().toExtend<Parameters<typeof typeormTransaction>[0]>();
  expectTypeOf<QueryRunner>().toExtend<Parameters<typeof typeormTransaction>[0]>();
  expectTypeOf<DataSource>().not.toExtend<Parameters<typeof typeormTransaction>[0]>();

  expectTypeOf<Prisma.TransactionClient>().toExtend<Parameters<typeof prismaTransaction>[0]>();
  expectTypeOf<PrismaClient>().not.toExtend<Parameters<typeof prismaTransaction>[0]>();

  expectTypeOf<MikroORM['em']>().toExtend<Parameters<typeof mikroOrmTransaction>[0]>();
  expectTypeOf<MikroORM>().not.toExtend<Parameters<typeof mikroOrmTransaction>[0]>();
});
