import { DataSource, type EntityManager } from 'typeorm';
import { type Application, hold } from '../application.ts';
import { OrderSchema } from '../typeorm-order.ts';

/** An application on TypeORM. */
export async function typeormApplication(url: string): Promise<Application<EntityManager, DataSource>> {
  const root = new DataSource({ type: 'postgres', url, entities: [OrderSchema] });
  await root.initialize();
  return {
    root,
    begin: () => hold<EntityManager>((work) => root.transaction(work)),
    nest: (tx, work) => tx.transaction(work),
    async insertOrder(tx, orderId) {
      await tx.insert(OrderSchema, { orderId });
    },
    async execute(tx, sql) {
      await tx.query(sql);
    },
    close: () => root.destroy(),
  };
}
