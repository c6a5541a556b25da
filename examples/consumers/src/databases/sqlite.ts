import { rmSync } from 'node:fs';
import { createConsumer } from '@outrelay/core';
import { sqliteStore } from '@outrelay/store-sqlite';
import Database from 'better-sqlite3';
import type { Ground } from '../ground.ts';
import { paymentOf } from '../payment.ts';

/** A SQLite file. */
export function sqliteGround(file: string): Ground {
  const db = new Database(file);
  const store = sqliteStore({ file, driver: Database });
  return {
    async prepare() {
      await store.schema.apply();
      db.exec(
        'CREATE TABLE applied (message_id TEXT NOT NULL); CREATE TABLE balances (account TEXT PRIMARY KEY, amount INTEGER NOT NULL)',
      );
    },
    consumer: (options) =>
      createConsumer({
        ...options,
        store,
        handler: (tx, message) => {
          const { account, amount } = paymentOf(message);
          tx.prepare('INSERT INTO applied VALUES (?)').run(message.id);
          tx.prepare(
            'INSERT INTO balances VALUES (?, ?) ON CONFLICT (account) DO UPDATE SET amount = amount + excluded.amount',
          ).run(account, amount);
        },
      }),
    count: async () => (db.prepare('SELECT count(*) AS n FROM applied').get() as { n: number }).n,
    async effects() {
      const rows = db.prepare('SELECT message_id FROM applied').all() as { message_id: string }[];
      const sums = db.prepare('SELECT account, amount FROM balances').all() as {
        account: string;
        amount: number;
      }[];
      return {
        applied: rows.map((row) => row.message_id),
        balances: new Map(sums.map((row) => [row.account, row.amount])),
        parked: (await store.parking.list()).messages.length,
      };
    },
    async close() {
      await store.close();
      db.close();
    },
    async remove() {
      for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true });
    },
  };
}
