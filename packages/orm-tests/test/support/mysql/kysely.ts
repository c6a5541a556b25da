import { CamelCasePlugin, CompiledQuery, Kysely, MysqlDialect, type Transaction } from 'kysely';
import { createPool } from 'mysql2';
import { type Application, hold } from '../application.ts';

interface Database {
  readonly orders: { readonly orderId: string };
}

/** An application on Kysely whose transactions are functions, with a plugin that renames columns. */
export function kyselyApplication(url: string): Application<Transaction<Database>, Kysely<Database>> {
  const root = new Kysely<Database>({
    dialect: new MysqlDialect({ pool: createPool(url) }),
    plugins: [new CamelCasePlugin()],
  });
  return {
    root,
    begin: () => hold<Transaction<Database>>((work) => root.transaction().execute(work)),
    async nest(tx, work) {
      // Kysely's savepoints belong to transactions that are ended by hand; here they are plain statements.
      await tx.executeQuery(CompiledQuery.raw('SAVEPOINT nested'));
      try {
        await work(tx);
      } catch (error) {
        await tx.executeQuery(CompiledQuery.raw('ROLLBACK TO SAVEPOINT nested'));
        throw error;
      }
    },
    async insertOrder(tx, orderId) {
      await tx.insertInto('orders').values({ orderId }).execute();
    },
    async execute(tx, sql) {
      await tx.executeQuery(CompiledQuery.raw(sql));
    },
    close: () => root.destroy(),
  };
}
