import { EntitySchema } from 'typeorm';

/** A row of the application; described without decorators, which the compiler options here do not allow. */
export const OrderSchema = new EntitySchema<{ orderId: string }>({
  name: 'Order',
  tableName: 'orders',
  columns: { orderId: { name: 'order_id', type: 'varchar', length: 64, primary: true } },
});
