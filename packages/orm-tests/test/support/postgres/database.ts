import { randomBytes } from 'node:crypto';
import { capabilities, postgresStore } from '@outrelay/store-postgres';
import { Client, Pool } from 'pg';
import type { Server, TestDatabase } from '../library.ts';

/** PostgreSQL at a URL of a role that may create databases. */
export function postgresServer(server: string): Server {
  return {
    capabilities,
    sample: () => postgresStore({ url: 'postgres://localhost/nowhere' }),
    createDatabase: () => createDatabase(server),
  };
}

async function createDatabase(server: string): Promise<TestDatabase> {
  const name = `orm_${randomBytes(6).toString('hex')}`;
  await runOnce(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const pool = new Pool({ connectionString: url.href, max: 5 });
  await pool.query('CREATE TABLE orders (order_id text PRIMARY KEY)');
  return {
    url: url.href,
    root: pool,
    store: ({ name: schema, ...settings }) => postgresStore({ pool, schema, ...settings }),
    async orders() {
      const { rows } = await pool.query<{ id: string }>('SELECT order_id AS id FROM orders');
      return rows.map(({ id }) => id);
    },
    async drop() {
      await pool.end();
      await runOnce(server, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

async function runOnce(url: string, sql: string): Promise<void> {
  const client = new Client(url);
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
