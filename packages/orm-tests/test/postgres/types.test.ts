import type { MikroORM } from '@mikro-orm/postgresql';
import type { drizzleTransaction } from '@outrelay/store-postgres/drizzle';
import type { kyselyTransaction } from '@outrelay/store-postgres/kysely';
import type { mikroOrmTransaction } from '@outrelay/store-postgres/mikro-orm';
import type { postgresJsTransaction } from '@outrelay/store-postgres/postgres-js';
import type { prismaTransaction } from '@outrelay/store-postgres/prisma';
import type { typeormTransaction } from '@outrelay/store-postgres/typeorm';
import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
import type { PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import type { ControlledTransaction, Kysely, Transaction } from 'kysely';
import type { ReservedSql, Sql, TransactionSql } from 'postgres';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import { expectTypeOf, it } from 'vitest';
import type { Prisma, PrismaClient } from '../../dist/prisma-postgres/client.ts';

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

  expectTypeOf<Received<NodePgDatabase>>().toExtend<Parameters<typeof drizzleTransaction>[0]>();
  expectTypeOf<Received<PostgresJsDatabase>>().toExtend<Parameters<typeof drizzleTransaction>[0]>();
  expectTypeOf<NodePgDatabase>().not.toExtend<Parameters<typeof drizzleTransaction>[0]>();
  expectTypeOf<PostgresJsDatabase>().not.toExtend<Parameters<typeof drizzleTransaction>[0]>();

  expectTypeOf<EntityManager>().toExtend<Parameters<typeof typeormTransaction>[0]>();
  expectTypeOf<DataSource>().not.toExtend<Parameters<typeof typeormTransaction>[0]>();
  expectTypeOf<QueryRunner>().toExtend<Parameters<typeof typeormTransaction>[0]>();

  expectTypeOf<Prisma.TransactionClient>().toExtend<Parameters<typeof prismaTransaction>[0]>();
  expectTypeOf<PrismaClient>().not.toExtend<Parameters<typeof prismaTransaction>[0]>();

  expectTypeOf<MikroORM['em']>().toExtend<Parameters<typeof mikroOrmTransaction>[0]>();
  expectTypeOf<MikroORM>().not.toExtend<Parameters<typeof mikroOrmTransaction>[0]>();

  expectTypeOf<TransactionSql>().toExtend<Parameters<typeof postgresJsTransaction>[0]>();
  expectTypeOf<ReservedSql>().toExtend<Parameters<typeof postgresJsTransaction>[0]>();
  expectTypeOf<Sql>().not.toExtend<Parameters<typeof postgresJsTransaction>[0]>();
});
