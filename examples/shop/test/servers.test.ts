import { note, type ServerName, serverUrl } from '@outrelay/servers';
import { Redis } from 'ioredis';
import { MongoClient } from 'mongodb';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demo, expectGood } from './demo-run.ts';

/** The names of everything on a server that a demo could have left there. */
const BELONGINGS: Readonly<
  Record<'postgres' | 'mariadb' | 'mongodb' | 'redis', (url: string) => Promise<string[]>>
> = {
  async postgres(url) {
    const client = new Client(url);
    await client.connect();
    const { rows } = await client.query('SELECT nspname AS name FROM pg_namespace');
    await client.end();
    return rows.map(({ name }: { name: string }) => name);
  },
  async mariadb(url) {
    const connection = await createConnection(url);
    const [rows] = await connection.query('SELECT table_name AS name FROM information_schema.tables');
    await connection.end();
    return (rows as { name: string }[]).map(({ name }) => name);
  },
  async mongodb(url) {
    const client = new MongoClient(url);
    const collections = await client.db().listCollections({}, { nameOnly: true }).toArray();
    await client.close();
    return collections.map(({ name }) => name);
  },
  async redis(url) {
    const redis = new Redis(url);
    const keys = await redis.keys('*');
    redis.disconnect();
    return keys;
  },
};

function found(name: ServerName): string | null {
  const url = serverUrl(name);
  if (url === undefined) note({ kind: 'skip', reason: `no ${name}: the demo was not played there` });
  return url ?? null;
}

const postgres = found('postgres');
const mariadb = found('mariadb');
const mongodb = found('mongodb');
const redis = found('redis');

/** A database of MariaDB for this file alone: the URL of a server names none. */
const MARIADB_DATABASE = `outrelay_shop_test_${process.pid}`;

async function onMariadb(sql: string): Promise<void> {
  if (mariadb === null) return;
  const connection = await createConnection(mariadb);
  await connection.query(sql);
  await connection.end();
}

beforeAll(() => onMariadb(`CREATE DATABASE ${MARIADB_DATABASE}`));
afterAll(() => onMariadb(`DROP DATABASE ${MARIADB_DATABASE}`));

function inDatabase(url: string, scheme: string): string {
  const named = new URL(url);
  named.pathname = `/${MARIADB_DATABASE}`;
  return named.href.replace(/^[a-z]+:/, `${scheme}:`);
}

async function leftBehind(): Promise<string[]> {
  const names: string[] = [];
  const places = { postgres, mariadb, mongodb, redis };
  for (const [name, url] of Object.entries(places)) {
    if (url !== null) names.push(...(await BELONGINGS[name as keyof typeof BELONGINGS](url)));
  }
  return names.filter((name) => name.startsWith('outrelay_demo_'));
}

const combinations: readonly (readonly [title: string, from: string | null, to: string | null])[] = [
  ...(postgres !== null && redis !== null ? [['PostgreSQL to Redis', postgres, redis] as const] : []),
  ...(mariadb !== null ? [['MariaDB to HTTP', inDatabase(mariadb, 'mariadb'), null] as const] : []),
  ...(mongodb !== null && redis !== null ? [['MongoDB to Redis', mongodb, redis] as const] : []),
];

describe('the demo on servers', () => {
  it.each(combinations)(
    'keeps every promise from %s, and leaves nothing there',
    { timeout: 300_000 },
    async (_, from, to) => {
      const before = await leftBehind();
      // MongoDB keeps the locks of a killed relay for a minute.
      const spared = from === mongodb;
      const args = [
        ...(spared ? ['--spare-relay'] : []),
        ...(from === null ? [] : ['--from', from]),
        ...(to === null ? [] : ['--to', to]),
      ];
      const ledger = expectGood(await demo('--orders', '20', '--json', ...args));
      expect(ledger['kills']).toEqual({ relay: spared ? 0 : 2, consumer: to === null ? null : 1 });
      expect((await leftBehind()).filter((name) => !before.includes(name))).toEqual([]);
    },
  );
});
