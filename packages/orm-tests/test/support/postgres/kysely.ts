import { CamelCasePlugin, CompiledQuery, type ControlledTransaction, Kysely, PostgresDialect } from 'kysely';
import { Pool } from 'pg';
import type { Application } from '../application.ts';

interface Database {
  readonly orders: { readonly orderId: string };
}

/** An application on Kysely that ends its transactions by hand, with a plugin that renames columns. */
export function kyselyApplication(
  url: string,
): Application<ControlledTransaction<Database>, Kysely<Database>> {
  const root = new Kysely<Database>({
    dialect: new PostgresDialect({ pool: new Pool({ connectionString: url }) }),
    plugins: [new CamelCasePlugin()],
  });
  return {
    root,
    async begin() {
      const handle = await root.startTransaction().execute();
      return {
        handle,
        commit: () => handle.commit().execute(),
        rollback: () => handle.rollback().execute(),
      };
    },
    async nest(tx, work) {
      const nested = await tx.savepoint('nested').execute();
      try {
        await work(nested);
        await nested.releaseSavepoint('nested').execute();
      } catch (error) {
        await nested.rollbackToSavepoint('nested').execute();
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
