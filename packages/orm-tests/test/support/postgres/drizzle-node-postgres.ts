import { sql } from 'drizzle-orm';
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import { pgTable, text } from 'drizzle-orm/pg-core';
import { Pool } from 'pg';
import { type Application, hold } from '../application.ts';

const orders = pgTable('orders', { orderId: text('order_id').primaryKey() });

type Transaction = Parameters<Parameters<NodePgDatabase['transaction']>[0]>[0];

/** An application on Drizzle with node-postgres. */
export function drizzleNodePostgresApplication(url: string): Application<Transaction, NodePgDatabase> {
  const pool = new Pool({ connectionString: url });
  const root: NodePgDatabase = drizzle({ client: pool });
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
    close: () => pool.end(),
  };
}
