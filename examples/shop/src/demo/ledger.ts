import Database from 'better-sqlite3';
import type { ShopRecords } from '../databases/shop-database.ts';

/** What both databases say about one run, in numbers. */
export interface Ledger {
  /** Messages of transactions that the shop committed. */
  readonly committed: number;
  /** Of those, messages that had their effects at the consumer. */
  readonly applied: number;
  readonly lost: number;
  /** Effects beyond the first of each message. */
  readonly appliedAgain: number;
  /** Messages of transactions that the shop rolled back, and the orders they belong to. */
  readonly rolledBack: number;
  readonly refusedOrders: number;
  /** Deliveries of messages that were never committed. */
  readonly ghosts: number;
  /** Requests that the consumer got. */
  readonly deliveries: number;
  readonly duplicates: number;
  readonly lateAnswers: number;
  readonly keys: number;
  /** Keys whose messages came for the first time in another order than they were committed. */
  readonly keysOutOfOrder: number;
  readonly currencies: number;
  readonly wrongSales: number;
  readonly skus: number;
  readonly wrongStock: number;
}

/** What the shop has written down, whatever its database, beside the tables of the consumer. */
const SHOP_TABLES = `
  CREATE TABLE committed (topic TEXT, message_key TEXT, number INTEGER, message_id TEXT PRIMARY KEY);
  CREATE TABLE rolled_back (message_id TEXT PRIMARY KEY, order_id TEXT);
  CREATE TABLE shop_sales (currency TEXT PRIMARY KEY, amount INTEGER);
  CREATE TABLE stock (sku TEXT PRIMARY KEY, level INTEGER);`;

const COUNTS: Readonly<Record<keyof Ledger, string>> = {
  committed: 'SELECT count(*) FROM committed',
  applied: 'SELECT count(*) FROM committed WHERE message_id IN (SELECT message_id FROM consumer.applied)',
  lost: 'SELECT count(*) FROM committed WHERE message_id NOT IN (SELECT message_id FROM consumer.applied)',
  appliedAgain: 'SELECT count(*) - count(DISTINCT message_id) FROM consumer.applied',
  rolledBack: 'SELECT count(*) FROM rolled_back',
  refusedOrders: 'SELECT count(DISTINCT order_id) FROM rolled_back',
  ghosts:
    'SELECT count(*) FROM consumer.deliveries WHERE message_id NOT IN (SELECT message_id FROM committed)',
  deliveries: 'SELECT count(*) FROM consumer.deliveries',
  duplicates: 'SELECT count(*) - count(DISTINCT message_id) FROM consumer.deliveries',
  lateAnswers: 'SELECT count(*) FROM consumer.deliveries WHERE late',
  keys: 'SELECT count(*) FROM (SELECT DISTINCT topic, message_key FROM committed)',
  keysOutOfOrder: `
    SELECT count(DISTINCT topic || ' ' || message_key) FROM (
      SELECT topic, message_key, arrived,
        lag(arrived) OVER (PARTITION BY topic, message_key ORDER BY committed.number) AS arrived_before
      FROM committed JOIN (
        SELECT message_id, min(number) AS arrived FROM consumer.deliveries GROUP BY message_id
      ) USING (message_id)
    ) WHERE arrived < arrived_before`,
  currencies: 'SELECT count(*) FROM shop_sales',
  wrongSales: `
    SELECT count(*) FROM shop_sales FULL JOIN consumer.sales USING (currency)
    WHERE shop_sales.amount IS NOT consumer.sales.amount`,
  skus: 'SELECT count(*) FROM stock',
  wrongStock: `
    SELECT count(*) FROM stock FULL JOIN consumer.stock_levels USING (sku)
    WHERE stock.level IS NOT consumer.stock_levels.level`,
};

/**
 * Draws up the ledger from the records of both databases; nothing that a process said of itself goes into it.
 *
 * @param shop - the business records of the shop
 * @param consumerFile - the database of the consumer
 */
export function drawUpLedger(shop: ShopRecords, consumerFile: string): Ledger {
  const db = new Database(':memory:');
  try {
    db.exec(SHOP_TABLES);
    fill(db, 'INSERT INTO committed VALUES (:topic, :key, :number, :messageId)', shop.history);
    fill(db, 'INSERT INTO rolled_back VALUES (:messageId, :orderId)', shop.rolledBack);
    fill(db, 'INSERT INTO shop_sales VALUES (:currency, :amount)', shop.sales);
    fill(db, 'INSERT INTO stock VALUES (:sku, :level)', shop.stock);
    db.prepare('ATTACH ? AS consumer').run(consumerFile);
    const counts = Object.entries(COUNTS).map(([name, query]) => [name, db.prepare(query).pluck().get()]);
    return Object.fromEntries(counts);
  } finally {
    db.close();
  }
}

function fill(db: Database.Database, insert: string, rows: readonly object[]): void {
  const statement = db.prepare(insert);
  for (const row of rows) statement.run(row);
}
