import { createConsumer, type OutboxStore } from '@outrelay/core';
import { postgresStore, type RootHandle, type TransactionHandle } from '@outrelay/store-postgres';
import { Pool, type PoolClient } from 'pg';
import type { Ground } from '../ground.ts';
import { paymentOf } from '../payment.ts';

/** A PostgreSQL database. */
export function postgresGround(url: string): Ground {
  const pool = new Pool({ connectionString: url, max: 12 });
  pool.on('error', () => {});
  const store: OutboxStore<TransactionHandle, 'async', RootHandle> = postgresStore({ pool });
  return {
    async prepare() {
      await store.schema?.apply();
      await pool.query(
        'CREATE TABLE applied (message_id text NOT NULL); CREATE TABLE balances (account text PRIMARY KEY, amount bigint NOT NULL)',
      );
    },
    consumer: (options) =>
      createConsumer({
        ...options,
        store,
        handler: async (tx, message) => {
          const { account, amount } = paymentOf(message);
          // What the store opens is a client of pg.
          const client = tx as PoolClient;
          await client.query('INSERT INTO applied VALUES ($1)', [message.id]);
          await client.query(
            'INSERT INTO balances VALUES ($1, $2) ON CONFLICT (account) DO UPDATE SET amount = balances.amount + excluded.amount',
            [account, amount],
          );
        },
      }),
    count: async () => Number((await pool.query('SELECT count(*) AS n FROM applied')).rows[0]?.n),
    async effects() {
      const { rows } = await pool.query<{ message_id: string }>('SELECT message_id FROM applied');
      const sums = await pool.query<{ account: string; amount: string }>(
        'SELECT account, amount FROM balances',
      );
      return {
        applied: rows.map((row) => row.message_id),
        balances: new Map(sums.rows.map((row) => [row.account, Number(row.amount)])),
        parked: (await store.parking?.list())?.messages.length ?? 0,
      };
    },
    async close() {
      await store.close();
      await pool.end();
    },
    async remove() {
      await store.schema?.remove();
      await pool.query('DROP TABLE IF EXISTS applied, balances');
    },
  };
}
