import { createOutbox, topicTypes } from '@outrelay/core';
import { mysqlStore } from '@outrelay/store-mysql';
import { createPool, type Pool, type PoolConnection } from 'mysql2/promise';
import type { ShopTopics } from '../shop/messages.ts';
import type { ShopDatabase } from './shop-database.ts';
import {
  createTables,
  type Dialect,
  type Query,
  sqlProgress,
  sqlRecords,
  sqlTransaction,
} from './sql-shop.ts';

/** A shop in tables of MySQL or MariaDB that begin with its name: the handle is the connection with the transaction. */
export function mysqlShop(url: string, name: string): ShopDatabase {
  const prefix = `${name}_`;
  const dialect: Dialect = {
    prefix,
    serial: 'BIGINT AUTO_INCREMENT PRIMARY KEY',
    tableOptions: ' CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
  };
  // First of all, because it says what is wrong with a URL, and connects when it is used.
  const store = mysqlStore({ url, prefix });
  const pool = createPool({ uri: url.replace(/^mariadb:/i, 'mysql:'), connectTimeout: 5_000 });
  const outbox = createOutbox({ store, topics: topicTypes<ShopTopics>() });
  const query = queryOf(pool);

  return {
    belongings: `tables ${prefix}*`,
    store,

    async create() {
      await createTables(query, dialect);
      await store.schema.apply();
    },

    async transaction(work) {
      const connection = await pool.getConnection();
      try {
        await connection.beginTransaction();
        await work(
          sqlTransaction(queryOf(connection), dialect, async (messages) => {
            const { ids } = await outbox.append(connection, messages);
            return ids;
          }),
        );
        await connection.commit();
      } catch (error) {
        await connection.rollback();
        throw error;
      } finally {
        connection.release();
      }
    },

    progress: () => sqlProgress(query, dialect),
    records: () => sqlRecords(query, dialect),

    async remove() {
      const tables = await query(
        'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = database()',
      );
      for (const { name: table } of tables) {
        if (String(table).startsWith(prefix)) await query(`DROP TABLE ${String(table)}`);
      }
    },

    async close() {
      await store.close();
      await pool.end();
    },
  };
}

function queryOf(runner: Pool | PoolConnection): Query {
  return async (sql, values = []) => {
    const [rows] = await runner.query(sql, [...values]);
    return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
  };
}
