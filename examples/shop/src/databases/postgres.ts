import { createOutbox, topicTypes } from '@outrelay/core';
import { postgresStore } from '@outrelay/store-postgres';
import { Pool, type PoolClient } from 'pg';
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

/** A shop in a schema of PostgreSQL: the handle of a transaction is the client that runs it. */
export function postgresShop(url: string, schema: string): ShopDatabase {
  const dialect: Dialect = {
    prefix: `${schema}.`,
    serial: 'BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY',
    tableOptions: '',
  };
  const pool = new Pool({ connectionString: url, connectionTimeoutMillis: 5_000 });
  // A connection that breaks while nobody uses it: whoever needs one next gets a new one, or the error.
  pool.on('error', () => {});
  const store = postgresStore({ pool, schema });
  const outbox = createOutbox({ store, topics: topicTypes<ShopTopics>() });
  const query = queryOf(pool);

  return {
    belongings: `the schema ${schema}`,
    store,

    async create() {
      await query(`CREATE SCHEMA ${schema}`);
      await createTables(query, dialect);
      await store.schema.apply();
    },

    async transaction(work) {
      const client = await pool.connect();
      try {
        await client.query('BEGIN');
        await work(
          sqlTransaction(queryOf(client), dialect, async (messages) => {
            const { ids } = await outbox.append(client, messages);
            return ids;
          }),
        );
        await client.query('COMMIT');
      } catch (error) {
        await client.query('ROLLBACK');
        throw error;
      } finally {
        client.release();
      }
    },

    progress: () => sqlProgress(query, dialect),
    records: () => sqlRecords(query, dialect),

    async remove() {
      await query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    },

    async close() {
      await store.close();
      await pool.end();
    },
  };
}

/** PostgreSQL numbers its placeholders. */
function queryOf(runner: Pool | PoolClient): Query {
  return async (sql, values = []) => {
    let at = 0;
    const { rows } = await runner.query(
      sql.replaceAll('?', () => `$${++at}`),
      [...values],
    );
    return rows as Record<string, unknown>[];
  };
}
