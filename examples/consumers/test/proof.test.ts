import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { note, serverUrl } from '@outrelay/servers';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import { expect, it } from 'vitest';
import { prove } from '../dist/proof.js';

type Server = 'sqlite' | 'mariadb' | 'postgres';

/** Carries out statements on a server. */
const RUN: Readonly<Record<'mariadb' | 'postgres', (url: string, sql: string) => Promise<void>>> = {
  async mariadb(url, sql) {
    const connection = await createConnection(url);
    await connection.query(sql);
    await connection.end();
  },
  async postgres(url, sql) {
    const client = new Client(url);
    await client.connect();
    await client.query(sql);
    await client.end();
  },
};

/** Makes an empty database on the shared server; the answer drops it. */
async function database(server: Server): Promise<{ url: string; readonly drop: () => Promise<void> }> {
  const name = `outrelay_consumers_${randomUUID().slice(0, 8)}`;
  if (server === 'sqlite') {
    const directory = mkdtempSync(join(tmpdir(), 'outrelay-consumers-'));
    return {
      url: `sqlite:${join(directory, 'consumers.db')}`,
      drop: async () => rmSync(directory, { recursive: true }),
    };
  }
  const url = new URL(serverUrl(server) as string);
  const admin = url.href;
  url.pathname = `/${name}`;
  await RUN[server](admin, `CREATE DATABASE ${name}`);
  return { url: url.href, drop: () => RUN[server](admin, `DROP DATABASE ${name}`) };
}

/** Payments by server: each more is the same again, and takes its time. */
const PAYMENTS: Readonly<Record<Server, number>> = {
  sqlite: 3_000,
  mariadb: 3_000,
  postgres: 1_000,
};

const redisUrl = serverUrl('redis');
for (const server of ['sqlite', 'mariadb', 'postgres'] as const) {
  const missing = redisUrl === undefined ? 'redis' : server;
  if (redisUrl === undefined || (server !== 'sqlite' && serverUrl(server) === undefined)) {
    note({ kind: 'skip', reason: `no ${missing}: the proof on ${server} was not carried out` });
    continue;
  }
  it(`has every effect once on ${server}, while consumers are killed`, async () => {
    const { url, drop } = await database(server);
    try {
      const verdict = await prove({
        databaseUrl: url,
        redisUrl,
        messages: PAYMENTS[server],
        processes: 4,
        effectsPerKill: PAYMENTS[server] / 5,
        killEveryMs: 0,
      });
      expect(verdict).toMatchObject({ lost: 0, repeated: 0, wrongBalances: 0, parked: 0, pending: 0 });
      expect(verdict.deliveries).toBeGreaterThan(verdict.messages);
      expect(verdict.kills).toBeGreaterThan(0);
    } finally {
      await drop();
    }
  }, 180_000);
}
