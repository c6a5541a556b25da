import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseOrders } from '../src/shop/orders-csv.ts';

const DATA = join(import.meta.dirname, '..', 'data');
const CSV = readFileSync(join(DATA, 'orders.csv'), 'utf8');

describe('orders.csv', () => {
  it('is what its generator writes', () => {
    expect(execFileSync(process.execPath, [join(DATA, 'make-orders.mjs')], { encoding: 'utf8' })).toBe(CSV);
  });

  it('holds 400 orders of at least 1,000 lines, some of whose cards are refused', () => {
    const orders = parseOrders(CSV);
    expect(orders).toHaveLength(400);
    expect(orders.reduce((sum, { lines }) => sum + lines.length, 0)).toBe(CSV.split('\n').length - 2);
    expect(new Set(orders.map(({ id }) => id)).size).toBe(400);
    expect(orders.filter(({ card }) => card === 'refused').length).toBeGreaterThan(20);
    for (const { lines } of orders) {
      for (const { sku, quantity, price } of lines) {
        expect([sku !== '', quantity > 0, Number.isInteger(price) && price > 0]).toEqual([true, true, true]);
      }
    }
  });
});

describe('parseOrders', () => {
  const TITLES = 'order,placed_at,customer,name,country,card,sku,product,quantity,price,currency';

  it('reads quotes, commas and line breaks in fields, and joins the lines of an order', () => {
    const csv = `${TITLES}\r\nO-1,t,C,"A ""B"", C\nD",GB,accepted,S-1,"x, y",2,7.90,GBP\r\nO-1,t,C,,GB,accepted,S-2,,1,162,JPY\r\n`;
    expect(parseOrders(csv)).toEqual([
      {
        id: 'O-1',
        placedAt: 't',
        customer: 'C',
        name: 'A "B", C\nD',
        country: 'GB',
        currency: 'GBP',
        card: 'accepted',
        lines: [
          { sku: 'S-1', quantity: 2, price: 790 },
          { sku: 'S-2', quantity: 1, price: 162 },
        ],
      },
    ]);
  });

  it('refuses a row with a field too few', () => {
    expect(() => parseOrders(`${TITLES}\nO-1,t\n`)).toThrow('Row 2 has 2 fields.');
  });
});
