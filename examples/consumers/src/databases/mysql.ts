import { createConsumer } from '@outrelay/core';
import { mysqlStore } from '@outrelay/store-mysql';
import { createPool, type PoolConnection, type RowDataPacket } from 'mysql2/promise';
import type { Ground } from '../ground.ts';
import { paymentOf } from '../payment.ts';

/** A database of MySQL or MariaDB. */
export function mysqlGround(url: string): Ground {
  const pool = createPool(url);
  const store = mysqlStore({ url, maxConnections: 12 });
  return {
    async prepare() {
      await store.schema.apply();
      await pool.query('CREATE TABLE applied (message_id VARCHAR(255) NOT NULL) ENGINE=InnoDB');
      await pool.query(
        'CREATE TABLE balances (account VARCHAR(255) PRIMARY KEY, amount BIGINT NOT NULL) ENGINE=InnoDB',
      );
    },
    consumer: (options) =>
      createConsumer({
        ...options,
        store,
        handler: async (tx, message) => {
          const { account, amount } = paymentOf(message);
          // What the store opens is a connection of mysql2/promise.
          const connection = tx as unknown as PoolConnection;
          await connection.execute('INSERT INTO applied VALUES (?)', [message.id]);
          await connection.execute(
            'INSERT INTO balances VALUES (?, ?) ON DUPLICATE KEY UPDATE amount = amount + VALUES(amount)',
            [account, amount],
          );
        },
      }),
    async count() {
      const [rows] = await pool.query<RowDataPacket[]>('SELECT count(*) AS n FROM applied');
      return Number(rows[0]?.['n']);
    },
    async effects() {
      const [rows] = await pool.query<RowDataPacket[]>('SELECT message_id FROM applied');
      const [sums] = await pool.query<RowDataPacket[]>('SELECT account, amount FROM balances');
      return {
        applied: rows.map((row) => String(row['message_id'])),
        balances: new Map(sums.map((row) => [String(row['account']), Number(row['amount'])])),
        parked: (await store.parking.list()).messages.length,
      };
    },
    async close() {
      await store.close();
      await pool.end();
    },
    async remove() {
      await store.schema.remove();
      await pool.query('DROP TABLE IF EXISTS applied, balances');
    },
  };
}
