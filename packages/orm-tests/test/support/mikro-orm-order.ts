import { EntitySchema } from '@mikro-orm/core';

/** A row of the application; described without decorators, which the compiler options here do not allow. */
export interface Order {
  readonly orderId: string;
}

export const OrderSchema = new EntitySchema<Order>({
  name: 'Order',
  tableName: 'orders',
  properties: { orderId: { type: 'string', fieldName: 'order_id', primary: true } },
});
