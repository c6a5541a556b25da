import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGround, type Ground } from '../src/demo/ground.ts';
import { drawUpLedger, type Ledger } from '../src/demo/ledger.ts';
import { findings, isGood } from '../src/demo/verdict.ts';

let ground: Ground;
let shop: Database.Database;
let consumer: Database.Database;

beforeEach(async () => {
  ground = await createGround({ from: null, to: null });
  shop = new Database(ground.from.replace(/^sqlite:/, ''));
  consumer = new Database(ground.consumer);
});

afterEach(async () => {
  shop.close();
  consumer.close();
  await ground.remove();
  await ground.close();
});

/** A shop that sold one cup in one order of three events; messages p, s, x, y in the order of their commit. */
function sell(): void {
  shop.exec(`
    INSERT INTO orders VALUES ('O-1', '', '', '', '', 'EUR', 'shipped');
    INSERT INTO order_lines VALUES ('O-1', 'CUP', 2, 500);
    INSERT INTO stock VALUES ('CUP', 98);
    INSERT INTO history (topic, message_key, message_id) VALUES ('order.events', 'O-1', 'p'), ('order.events', 'O-1', 'x'), ('order.events', 'O-1', 'y');
    INSERT INTO history (topic, message_key, message_id) VALUES ('stock.level', 'CUP', 's');
    INSERT INTO rolled_back VALUES ('r', 'O-2');
  `);
}

function deliver(...ids: readonly string[]): void {
  for (const id of ids) {
    consumer
      .prepare('INSERT INTO deliveries (message_id, topic, message_key, late) VALUES (?, ?, ?, 0)')
      .run(id, id === 's' ? 'stock.level' : 'order.events', id === 's' ? 'CUP' : 'O-1');
  }
}

function apply(...ids: readonly string[]): void {
  for (const id of ids) consumer.prepare('INSERT INTO applied (message_id) VALUES (?)').run(id);
  const paid = ids.filter((id) => id === 'x').length;
  if (paid > 0) consumer.prepare("INSERT INTO sales VALUES ('EUR', ?)").run(paid * 1_000);
  if (ids.includes('s')) consumer.exec("INSERT INTO stock_levels VALUES ('CUP', 98)");
}

const KILLS = { relay: 2, consumer: null };

async function drawUp(): Promise<Ledger> {
  return drawUpLedger(await ground.shop.records(), ground.consumer);
}

function wrong(ledger: Ledger): string[] {
  return findings(ledger, KILLS).flatMap(({ label, good }) => (good === false ? [label] : []));
}

describe('the ledger', () => {
  it('finds nothing wrong with a run that kept its promises', async () => {
    sell();
    deliver('p', 's', 'x', 'p', 'y');
    apply('p', 's', 'x', 'y');
    const ledger = await drawUp();
    expect(ledger).toEqual({
      committed: 4,
      applied: 4,
      lost: 0,
      appliedAgain: 0,
      rolledBack: 1,
      refusedOrders: 1,
      ghosts: 0,
      deliveries: 5,
      duplicates: 1,
      lateAnswers: 0,
      keys: 2,
      keysOutOfOrder: 0,
      currencies: 1,
      wrongSales: 0,
      skus: 1,
      wrongStock: 0,
    });
    expect(isGood(findings(ledger, KILLS))).toBe(true);
  });

  it.each([
    ['a lost message', ['p', 's', 'x', 'x'], ['p', 's', 'x'], ['applied by the consumer', 'lost']],
    [
      'a message of a transaction that was rolled back',
      ['p', 's', 'x', 'y', 'r', 'p'],
      ['p', 's', 'x', 'y'],
      ['rolled back, delivered all the same'],
    ],
    [
      'effects of a duplicate',
      ['p', 's', 'x', 'x', 'y'],
      ['p', 's', 'x', 'x', 'y'],
      ['applied more than once', 'sales agree'],
    ],
    ['an order that was not kept', ['x', 'p', 's', 'y', 'p'], ['x', 'p', 's', 'y'], ['order kept']],
    ['a run that shows no duplicates', ['p', 's', 'x', 'y'], ['p', 's', 'x', 'y'], ['duplicates delivered']],
    [
      'a message that came and had no effect',
      ['p', 's', 'x', 'y', 's'],
      ['p', 'x', 'y'],
      ['applied by the consumer', 'lost', 'stock agrees'],
    ],
  ])('finds %s', async (_, delivered, applied, expected) => {
    sell();
    deliver(...delivered);
    apply(...applied);
    expect(wrong(await drawUp())).toEqual(expected);
  });

  it('does not take an empty run for a good one', async () => {
    expect(wrong(await drawUp())).toContain('applied by the consumer');
  });
});
