import type { ShopCollections } from './mongo.ts';
import type { Progress, ShopRecords } from './shop-database.ts';

/** How far the shop has come. */
export async function mongoProgress({ orders, rolledBack }: ShopCollections): Promise<Progress> {
  return {
    orders: await orders.countDocuments(),
    refused: new Set((await rolledBack.find().toArray()).map(({ orderId }) => orderId)).size,
  };
}

/** The business records, for the ledger. */
export async function mongoRecords({ orders, stock, rolledBack }: ShopCollections): Promise<ShopRecords> {
  const placed = await orders.find().toArray();
  const goods = await stock.find().toArray();
  const told = (topic: string, documents: readonly { _id: string; history: readonly string[] }[]) =>
    documents.flatMap(({ _id: key, history }) =>
      history.map((messageId, number) => ({ topic, key, number, messageId })),
    );
  const sales = new Map<string, number>();
  for (const { currency, state, lines } of placed) {
    if (state === 'placed') continue;
    const amount = lines.reduce((sum, { quantity, price }) => sum + quantity * price, 0);
    sales.set(currency, (sales.get(currency) ?? 0) + amount);
  }
  return {
    history: [...told('order.events', placed), ...told('stock.level', goods)],
    rolledBack: (await rolledBack.find().toArray()).map(({ _id: messageId, orderId }) => ({
      messageId,
      orderId,
    })),
    sales: [...sales].map(([currency, amount]) => ({ currency, amount })),
    stock: goods.map(({ _id: sku, level }) => ({ sku, level })),
  };
}
