import type { ConsumedMessage } from '@outrelay/core';
import type { Database } from 'better-sqlite3';
import type { OrderEvent, StockLevel } from '../shop/messages.ts';

/** The effects of a message, in the transaction that is open on the database. */
export function apply(db: Database, message: ConsumedMessage): void {
  db.prepare('INSERT INTO applied (message_id) VALUES (?)').run(message.id);
  const payload: unknown = JSON.parse(Buffer.from(message.payload ?? []).toString());
  if (message.topic === 'stock.level') applyStockLevel(db, payload as StockLevel);
  else applyOrderEvent(db, payload as OrderEvent);
}

function applyStockLevel(db: Database, { sku, level }: StockLevel): void {
  db.prepare('INSERT OR REPLACE INTO stock_levels VALUES (?, ?)').run(sku, level);
}

function applyOrderEvent(db: Database, message: OrderEvent): void {
  db.prepare('INSERT OR REPLACE INTO order_states VALUES (?, ?)').run(message.order, message.event);
  if (message.event !== 'paid') return;
  // A sum is what a duplicate would spoil.
  db.prepare(
    'INSERT INTO sales VALUES (?, ?) ON CONFLICT (currency) DO UPDATE SET amount = amount + excluded.amount',
  ).run(message.currency, message.amount);
}
