import { randomBytes } from 'node:crypto';
import { serverUrl } from '@outrelay/servers';
import { MongoClient } from 'mongodb';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';

/** A database of a test's own on a shared server. */
export interface ServerPlace {
  /** A URL as a person gives it to `--from`. */
  readonly url: string;
  drop(): Promise<void>;
}

/** A kind of database that `--from` takes, under one of its schemes. */
export interface ServerScheme {
  readonly scheme: string;
  /** The package that the scheme belongs to. */
  readonly adapter: string;
  /** The URL of the shared server; `undefined` when the run has none. */
  readonly server: string | undefined;
  /** Makes an empty database. */
  readonly make: (server: string) => Promise<ServerPlace>;
}

/** Every scheme of a store that is on a server. */
export const SCHEMES: readonly ServerScheme[] = [
  { scheme: 'postgres', adapter: 'store-postgres', server: serverUrl('postgres'), make: onPostgres },
  { scheme: 'postgresql', adapter: 'store-postgres', server: serverUrl('postgres'), make: onPostgres },
  {
    scheme: 'mysql',
    adapter: 'store-mysql',
    server: serverUrl('mysql') ?? serverUrl('mariadb'),
    make: onMysql,
  },
  { scheme: 'mariadb', adapter: 'store-mysql', server: serverUrl('mariadb'), make: onMysql },
  { scheme: 'mongodb', adapter: 'store-mongo', server: serverUrl('mongodb'), make: onMongo },
];

function uniqueName(): string {
  return `outrelay_cli_${randomBytes(6).toString('hex')}`;
}

function withDatabase(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

async function onPostgres(server: string): Promise<ServerPlace> {
  const name = uniqueName();
  const run = async (sql: string): Promise<void> => {
    const client = new Client(server);
    await client.connect();
    await client.query(sql);
    await client.end();
  };
  await run(`CREATE DATABASE ${name}`);
  return { url: withDatabase(server, name), drop: () => run(`DROP DATABASE ${name} WITH (FORCE)`) };
}

async function onMysql(server: string): Promise<ServerPlace> {
  const name = uniqueName();
  const run = async (sql: string): Promise<void> => {
    const connection = await createConnection(server);
    await connection.query(sql);
    await connection.end();
  };
  await run(`CREATE DATABASE ${name}`);
  return { url: withDatabase(server, name), drop: () => run(`DROP DATABASE ${name}`) };
}

async function onMongo(server: string): Promise<ServerPlace> {
  const name = uniqueName();
  return {
    url: withDatabase(server, name),
    async drop() {
      const client = new MongoClient(server);
      await client.db(name).dropDatabase();
      await client.close();
    },
  };
}
