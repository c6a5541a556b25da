import { sql } from 'drizzle-orm';
import { mysqlTable, varchar } from 'drizzle-orm/mysql-core';
import { drizzle, type MySql2Database } from 'drizzle-orm/mysql2';
import { createPool } from 'mysql2/promise';
import { type Application, hold } from '../application.ts';

const orders = mysqlTable('orders', { orderId: varchar('order_id', { length: 64 }).primaryKey() });

type Transaction = Parameters<Parameters<MySql2Database['transaction']>[0]>[0];

/** An application on Drizzle with mysql2. */
export function drizzleApplication(url: string): Application<Transaction, MySql2Database> {
  const pool = createPool(url);
  const root: MySql2Database = drizzle({ client: pool });
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
