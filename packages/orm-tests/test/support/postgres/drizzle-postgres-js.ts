import { sql } from 'drizzle-orm';
import { pgTable, text } from 'drizzle-orm/pg-core';
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { type Application, hold } from '../application.ts';

const orders = pgTable('orders', { orderId: text('order_id').primaryKey() });

type Transaction = Parameters<Parameters<PostgresJsDatabase['transaction']>[0]>[0];

/** An application on Drizzle with postgres.js. */
export function drizzlePostgresJsApplication(url: string): Application<Transaction, PostgresJsDatabase> {
  const client = postgres(url, { onnotice: () => {} });
  const root: PostgresJsDatabase = drizzle({ client });
  return {
    root,
    begin: () => hold<Transaction>((work) => root.transaction(work)),
    nest: (tx, work) => tx.transaction(work),
    async insertOrder(tx, orderId) {
      await tx.insert(orders).values({ orderId });
    },
    async execute(tx, statement) {
      await tx.execute(sql.raw(statement));
    },
    close: () => client.end(),
  };
}
