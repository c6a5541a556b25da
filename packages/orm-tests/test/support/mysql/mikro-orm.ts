import { type EntityManager, MikroORM } from '@mikro-orm/mysql';
import { type Application, hold } from '../application.ts';
import { OrderSchema } from '../mikro-orm-order.ts';

/** An application on MikroORM with its driver for MySQL, which brings a mysql2 of its own. */
export async function mikroOrmApplication(url: string): Promise<Application<EntityManager, MikroORM>> {
  const root = await MikroORM.init({ clientUrl: url, entities: [OrderSchema] });
  return {
    root,
    begin: () => hold<EntityManager>((work) => root.em.fork().transactional(work)),
    nest: (tx, work) => tx.transactional(work),
    async insertOrder(tx, orderId) {
      await tx.insert(OrderSchema, { orderId });
    },
    async execute(tx, sql) {
      await tx.execute(sql);
    },
    close: () => root.close(),
  };
}
