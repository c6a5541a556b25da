import { randomUUID } from 'node:crypto';
import { serverUrl } from '@outrelay/servers';
import { Client, Pool } from 'pg';

/** By this name the connections for the tests' own questions are known to the server. */
export const ADMIN_NAME = 'test';

/** A database of one test file's own. */
export interface TestDatabase {
  readonly url: string;
  /** For the tests' own questions. */
  readonly admin: Pool;
  /** Asks the server from outside of the database, which works also while nobody may connect to that. */
  readonly fromOutside: (sql: string, values?: readonly unknown[]) => Promise<readonly unknown[]>;
  remove(): Promise<void>;
}

/** The URL of the same server with another database, and settings of the connection. */
export function urlOf(
  server: string,
  database: string,
  settings: Readonly<Record<string, string>> = {},
): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  for (const [name, value] of Object.entries(settings)) url.searchParams.set(name, value);
  return url.href;
}

/** Makes an empty database on a server. Default: the shared one. */
export async function testDatabase(
  server: string | undefined = serverUrl('postgres'),
): Promise<TestDatabase> {
  if (server === undefined) throw new Error('There is no PostgreSQL for this test.');
  const name = `outrelay_test_${randomUUID().replaceAll('-', '')}`;
  const run = async (sql: string, values: readonly unknown[] = []): Promise<readonly unknown[]> => {
    const client = new Client({ connectionString: server });
    await client.connect();
    try {
      return (await client.query(sql, [...values])).rows;
    } finally {
      await client.end();
    }
  };
  await run(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8'`);
  const url = urlOf(server, name);
  const admin = new Pool({ connectionString: url, max: 4, application_name: ADMIN_NAME });
  admin.on('error', () => {});
  return {
    url,
    admin,
    fromOutside: run,
    async remove() {
      await admin.end();
      await run(`DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}
