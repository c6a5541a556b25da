import type { ShopDatabase, ShopMessage, ShopTransaction } from '../databases/shop-database.ts';
import type { Order } from './orders-csv.ts';

/** The bank said no; carries the messages that were appended before and have been rolled back with everything else. */
export class CardRefused extends Error {
  readonly messageIds: readonly string[];

  constructor(order: Order, messageIds: readonly string[]) {
    super(`The card of order ${order.id} was refused.`);
    this.messageIds = messageIds;
  }
}

/** What the shop does. Each method is one transaction: business rows and messages, or neither. */
export class Shop {
  readonly #database: ShopDatabase;

  constructor(database: ShopDatabase) {
    this.#database = database;
  }

  /** Writes the order, takes the goods from the stock and tells both; throws `CardRefused` and leaves no trace. */
  async place(order: Order): Promise<void> {
    await this.#database.transaction(async (tx) => {
      const { id, customer, name, lines } = order;
      await tx.insertOrder(order);
      const messages: ShopMessage[] = [orderEvent(id, { event: 'placed', order: id, customer, name })];
      for (const { sku, quantity } of lines) {
        const level = await tx.takeFromStock(sku, quantity);
        messages.push({ topic: 'stock.level', key: sku, payload: { sku, level } });
      }
      const messageIds = await tell(tx, messages);
      if (order.card === 'refused') throw new CardRefused(order, messageIds);
    });
  }

  async pay({ id, currency, lines }: Order): Promise<void> {
    const amount = lines.reduce((sum, { quantity, price }) => sum + quantity * price, 0);
    await this.#database.transaction(async (tx) => {
      await tx.setState(id, 'paid');
      await tell(tx, [orderEvent(id, { event: 'paid', order: id, amount, currency })]);
    });
  }

  async ship({ id, country }: Order): Promise<void> {
    await this.#database.transaction(async (tx) => {
      await tx.setState(id, 'shipped');
      await tell(tx, [orderEvent(id, { event: 'shipped', order: id, country })]);
    });
  }

  /** Writes down what has been rolled back, for the ledger of the demo. */
  async noteRollback(order: Order, { messageIds }: CardRefused): Promise<void> {
    await this.#database.transaction((tx) => tx.noteRolledBack(order.id, messageIds));
  }
}

function orderEvent(
  key: string,
  payload: Extract<ShopMessage, { topic: 'order.events' }>['payload'],
): ShopMessage {
  return { topic: 'order.events', key, payload };
}

/** Appends all messages of the transaction at once, after its business rows. */
async function tell(tx: ShopTransaction, messages: readonly ShopMessage[]): Promise<readonly string[]> {
  const ids = await tx.append(messages);
  for (const [at, message] of messages.entries()) await tx.noteHistory(message, ids[at] as string);
  return ids;
}
