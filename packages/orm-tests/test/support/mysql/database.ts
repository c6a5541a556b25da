import { randomBytes } from 'node:crypto';
import { capabilities, mysqlStore } from '@outrelay/store-mysql';
import { createConnection, createPool, type RowDataPacket } from 'mysql2/promise';
import type { Server, TestDatabase } from '../library.ts';

/** MySQL or MariaDB at a URL of a user that may create databases. */
export function mysqlServer(server: string): Server {
  return {
    capabilities,
    sample: () => mysqlStore({ url: 'mysql://localhost/nowhere' }),
    createDatabase: () => createDatabase(server),
  };
}

async function createDatabase(server: string): Promise<TestDatabase> {
  const name = `orm_${randomBytes(6).toString('hex')}`;
  await runOnce(server, `CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
  // The outbox has a database of its own, where no library's migrations look for drift; a transaction spans both.
  await runOnce(server, `CREATE DATABASE ${name}_outbox`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const outboxUrl = `${url.href}_outbox`;
  const pool = createPool({ uri: url.href, connectionLimit: 3 });
  await pool.query('CREATE TABLE orders (order_id VARCHAR(64) PRIMARY KEY)');
  return {
    url: url.href,
    root: pool,
    store: ({ name: prefix, ...settings }) => mysqlStore({ url: outboxUrl, prefix, ...settings }),
    async orders() {
      const [rows] = await pool.query<(RowDataPacket & { id: string })[]>(
        'SELECT order_id AS id FROM orders',
      );
      return rows.map(({ id }) => id);
    },
    async drop() {
      await pool.end();
      await runOnce(server, `DROP DATABASE ${name}`);
      await runOnce(server, `DROP DATABASE ${name}_outbox`);
    },
  };
}

async function runOnce(url: string, sql: string): Promise<void> {
  const connection = await createConnection(url);
  try {
    await connection.query(sql);
  } finally {
    await connection.end();
  }
}
