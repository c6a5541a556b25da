// A process: the shop at work. Reads orders from CSV; places, pays and ships them.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase } from '../databases/open-database.ts';
import { endWithParent, setting } from '../process.ts';
import { type Order, parseOrders } from './orders-csv.ts';
import { CardRefused, Shop } from './shop.ts';

const done = endWithParent();
const orders = parseOrders(readFileSync(setting('ORDERS_CSV'), 'utf8')).slice(0, Number(setting('ORDERS')));
const paceMs = Number(setting('PACE_MS'));

const database = openDatabase(setting('FROM'), setting('NAME'));
const shop = new Shop(database);

/** Orders that were placed and wait for the next step: payment comes some orders later, shipping later still. */
const unpaid: Order[] = [];
const unshipped: Order[] = [];
const PAY_AFTER = 5;
const SHIP_AFTER = 12;

for (const order of orders) {
  try {
    await shop.place(order);
    unpaid.push(order);
  } catch (error) {
    if (!(error instanceof CardRefused)) throw error;
    await shop.noteRollback(order, error);
  }
  await settle(PAY_AFTER, SHIP_AFTER);
  await sleep(paceMs);
}
await settle(0, 0);

await database.close();
done();

/** Pays and ships the oldest orders until no more than this many are left. */
async function settle(leaveUnpaid: number, leaveUnshipped: number): Promise<void> {
  while (unpaid.length > leaveUnpaid) {
    const order = unpaid.shift() as Order;
    await shop.pay(order);
    unshipped.push(order);
  }
  while (unshipped.length > leaveUnshipped) await shop.ship(unshipped.shift() as Order);
}
