import type { Database } from 'better-sqlite3';

/** Creates the tables of the consumer; receipts of the inbox have their own, which the store creates. */
export function createConsumerTables(db: Database): void {
  db.pragma('journal_mode = WAL');
  db.exec(`
    -- What the consumer knows: effects of messages.
    CREATE TABLE order_states (order_id TEXT PRIMARY KEY, state TEXT NOT NULL);
    CREATE TABLE stock_levels (sku TEXT PRIMARY KEY, level INTEGER NOT NULL);
    CREATE TABLE sales (currency TEXT PRIMARY KEY, amount INTEGER NOT NULL);
    CREATE TABLE applied (number INTEGER PRIMARY KEY, message_id TEXT NOT NULL);

    -- For the ledger of the demo: every request that came, in the order in which it came, whatever became of it.
    CREATE TABLE deliveries (
      number INTEGER PRIMARY KEY, message_id TEXT NOT NULL, topic TEXT NOT NULL, message_key TEXT,
      late INTEGER NOT NULL
    );
    CREATE INDEX deliveries_message ON deliveries (message_id);
  `);
}
