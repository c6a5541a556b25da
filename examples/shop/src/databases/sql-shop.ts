import { INITIAL_STOCK, type Progress, type ShopRecords, type ShopTransaction } from './shop-database.ts';

/** Runs a statement with `?` where its values go. */
export type Query = (
  sql: string,
  values?: readonly (string | number)[],
) => Promise<readonly Readonly<Record<string, unknown>>[]>;

/** Where SQL databases differ in what this shop needs. */
export interface Dialect {
  /** Put in front of the names of tables: a schema with its dot, a prefix, or nothing. */
  readonly prefix: string;
  /** The type of a primary key that counts by itself. */
  readonly serial: string;
  /** Follows the columns of a table. */
  readonly tableOptions: string;
}

/** Creates the tables of the shop; the outbox has its own, which the store creates. */
export async function createTables(query: Query, { prefix, serial, tableOptions }: Dialect): Promise<void> {
  const text = 'VARCHAR(200) NOT NULL';
  const create = async (name: string, columns: string): Promise<void> => {
    await query(`CREATE TABLE ${prefix}${name} (${columns})${tableOptions}`);
  };
  await create(
    'orders',
    `id ${text} PRIMARY KEY, placed_at ${text}, customer ${text}, name ${text}, country ${text}, currency ${text}, state ${text}`,
  );
  await create(
    'order_lines',
    `order_id ${text}, sku ${text}, quantity INTEGER NOT NULL, price INTEGER NOT NULL`,
  );
  await create('stock', `sku ${text} PRIMARY KEY, level INTEGER NOT NULL`);
  await create('history', `number ${serial}, topic ${text}, message_key ${text}, message_id ${text}`);
  await create('rolled_back', `message_id ${text} PRIMARY KEY, order_id ${text}`);
}

/** The business records, in SQL that all of the databases here understand. */
export function sqlTransaction(
  query: Query,
  { prefix }: Dialect,
  append: ShopTransaction['append'],
): ShopTransaction {
  return {
    append,

    async insertOrder({ id, placedAt, customer, name, country, currency, lines }) {
      const order = [id, placedAt, customer, name, country, currency, 'placed'];
      await query(`INSERT INTO ${prefix}orders VALUES (?, ?, ?, ?, ?, ?, ?)`, order);
      for (const { sku, quantity, price } of lines) {
        await query(`INSERT INTO ${prefix}order_lines VALUES (?, ?, ?, ?)`, [id, sku, quantity, price]);
      }
    },

    async setState(orderId, state) {
      await query(`UPDATE ${prefix}orders SET state = ? WHERE id = ?`, [state, orderId]);
    },

    async takeFromStock(sku, quantity) {
      // The row stays locked until the commit, so levels are told in the order in which they were reached.
      await query(`UPDATE ${prefix}stock SET level = level - ? WHERE sku = ?`, [quantity, sku]);
      const [row] = await query(`SELECT level FROM ${prefix}stock WHERE sku = ?`, [sku]);
      if (row !== undefined) return Number(row['level']);
      await query(`INSERT INTO ${prefix}stock VALUES (?, ?)`, [sku, INITIAL_STOCK - quantity]);
      return INITIAL_STOCK - quantity;
    },

    async noteHistory({ topic, key }, messageId) {
      await query(`INSERT INTO ${prefix}history (topic, message_key, message_id) VALUES (?, ?, ?)`, [
        topic,
        String(key),
        messageId,
      ]);
    },

    async noteRolledBack(orderId, messageIds) {
      for (const messageId of messageIds) {
        await query(`INSERT INTO ${prefix}rolled_back VALUES (?, ?)`, [messageId, orderId]);
      }
    },
  };
}

/** How far the shop has come. */
export async function sqlProgress(query: Query, { prefix }: Dialect): Promise<Progress> {
  const [orders] = await query(`SELECT count(*) AS n FROM ${prefix}orders`);
  const [refused] = await query(`SELECT count(DISTINCT order_id) AS n FROM ${prefix}rolled_back`);
  return { orders: Number(orders?.['n']), refused: Number(refused?.['n']) };
}

/** The business records, for the ledger. */
export async function sqlRecords(query: Query, { prefix }: Dialect): Promise<ShopRecords> {
  const history = await query(`SELECT number, topic, message_key, message_id FROM ${prefix}history`);
  const rolledBack = await query(`SELECT message_id, order_id FROM ${prefix}rolled_back`);
  const sales = await query(`
    SELECT currency, sum(quantity * price) AS amount
    FROM ${prefix}orders JOIN ${prefix}order_lines ON order_id = id
    WHERE state IN ('paid', 'shipped') GROUP BY currency`);
  const stock = await query(`SELECT sku, level FROM ${prefix}stock`);
  return {
    history: history.map((row) => ({
      topic: String(row['topic']),
      key: String(row['message_key']),
      number: Number(row['number']),
      messageId: String(row['message_id']),
    })),
    rolledBack: rolledBack.map((row) => ({
      messageId: String(row['message_id']),
      orderId: String(row['order_id']),
    })),
    sales: sales.map((row) => ({ currency: String(row['currency']), amount: Number(row['amount']) })),
    stock: stock.map((row) => ({ sku: String(row['sku']), level: Number(row['level']) })),
  };
}
