import { type EntityManager, MikroORM } from '@mikro-orm/mariadb';
import { type Application, hold } from '../application.ts';
import { OrderSchema } from '../mikro-orm-order.ts';

/** An application on MikroORM with its driver for MariaDB, which does not use mysql2. */
export async function mikroOrmMariadbApplication(url: string): Promise<Application<EntityManager, MikroORM>> {
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
