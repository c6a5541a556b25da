import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BadFinding, Finding } from '@outrelay/core';
import { findPgbouncer, note, type ServerInstance, startPgbouncer, startPostgres } from '@outrelay/servers';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Connections } from '../src/connections.ts';
import { diagnosisFacet } from '../src/diagnosis.ts';
import { type ServerState, serverFindings, serverSql } from '../src/diagnosis/server.ts';
import { type PostgresStoreOptions, type PostgresStore, postgresStore } from '../src/index.ts';
import { readPostgresOptions } from '../src/options.ts';
import { connectionSource } from '../src/source.ts';
import { tablesOf } from '../src/tables.ts';
import { type TestDatabase, testDatabase } from './support/database.ts';

type Settings = Readonly<Record<string, string>>;

const WELL: Settings = {
  fsync: 'on',
  autovacuum: 'on',
  wal_level: 'logical',
  max_slot_wal_keep_size: '1GB',
  max_replication_slots: '2',
};
const ILL: Settings = {
  fsync: 'off',
  autovacuum: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_replication_slots: '0',
  synchronous_commit: 'off',
  default_transaction_isolation: 'serializable',
  default_transaction_read_only: 'on',
};

function storeOn(url: string, options: Partial<PostgresStoreOptions> = {}): PostgresStore {
  const store = postgresStore({ url, ...options });
  onTestFinished(() => store.close());
  return store;
}

function complaints(findings: readonly Finding[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    findings.filter(({ verdict }) => verdict !== 'good').map(({ check, verdict }) => [check, verdict]),
  );
}

function complaint(findings: readonly Finding[], name: string): BadFinding {
  const found = findings.find(({ check }) => check === name);
  if (found === undefined || found.verdict === 'good') throw new Error(`Nothing is wrong with ${name}.`);
  return found;
}

async function statementsOn(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

describe('the diagnosis of a server that is set up well', () => {
  let server: ServerInstance<Settings>;
  let database: TestDatabase;

  beforeAll(async () => {
    server = await startPostgres({ settings: WELL });
    database = await testDatabase(server.url);
    const store = postgresStore({ url: database.url });
    await store.schema.apply();
    await store.close();
  });
  afterAll(() => server.remove());

  it('finds nothing to complain of', async () => {
    const store = storeOn(database.url, { wakeups: 'doorbell' });
    await store.log?.create();
    onTestFinished(async () => store.log?.drop());
    const findings = await store.diagnosis.examine({ push: true });
    expect(complaints(findings)).toEqual({});
    expect(findings.map(({ check }) => check)).toEqual(
      expect.arrayContaining(['version', 'rights', 'autovacuum', 'wal-level', 'log', 'pooler', 'clock']),
    );
  });

  it('names the grants that a role lacks, and finds them when they were made', async () => {
    const role = `relay_${randomUUID().replaceAll('-', '')}`;
    await database.admin.query(
      `CREATE ROLE "${role}" LOGIN; GRANT INSERT ON outrelay.outbox_messages TO "${role}"`,
    );
    const url = new URL(database.url);
    url.username = role;
    const { diagnosis } = storeOn(url.href);
    const before = await diagnosis.examine({ push: true });
    expect(complaints(before)).toMatchObject({ rights: 'fault', 'replication-right': 'fault' });
    await database.admin.query(complaint(before, 'rights').remedy);
    await database.admin.query(complaint(before, 'replication-right').remedy.split(' (')[0] as string);
    const after = complaints(await diagnosis.examine({ push: true }));
    expect(after).not.toHaveProperty('rights');
    expect(after).not.toHaveProperty('replication-right');
  });

  it('finds a log that is missing, or without its publication', async () => {
    const store = storeOn(database.url);
    const slot = async (): Promise<BadFinding> =>
      complaint(await store.diagnosis.examine({ push: true }), 'log');
    expect(await slot()).toMatchObject({ verdict: 'fault', remedy: 'outrelay log create' });
    await store.log?.create();
    onTestFinished(async () => store.log?.drop());
    await database.admin.query(`DROP PUBLICATION ${tablesOf('outrelay', '').channel}`);
    expect(await slot()).toMatchObject({ verdict: 'fault', seen: 'the publication is missing' });
  });

  it('finds that no slot is left', async () => {
    const names = ['first', 'second'];
    for (const name of names)
      await database.admin.query(`SELECT pg_create_physical_replication_slot('${name}')`);
    const findings = await storeOn(database.url, { wakeups: 'doorbell' }).diagnosis.examine();
    for (const name of names) await database.admin.query(`SELECT pg_drop_replication_slot('${name}')`);
    expect(complaints(findings)).toEqual({ 'replication-slots': 'fault' });
  });

  it('finds tables that are not vacuumed, until the remedy was applied', async () => {
    await database.admin.query('ALTER TABLE outrelay.outbox_messages SET (autovacuum_enabled = off)');
    const { diagnosis } = storeOn(database.url);
    const { remedy } = complaint(await diagnosis.examine(), 'autovacuum');
    await database.admin.query(remedy);
    expect(complaints(await diagnosis.examine())).toEqual({});
  });

  it('finds a transaction that is held open, and names the session', async () => {
    const settings = readPostgresOptions({ url: database.url });
    const connections = new Connections(connectionSource(settings));
    const diagnosis = diagnosisFacet(connections, settings, 0);
    const holder = new Client({ connectionString: database.url });
    holder.on('error', () => {});
    await holder.connect();
    await holder.query('BEGIN; SELECT 1');
    const { rows } = await holder.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const held = complaint(await diagnosis.examine(), 'held-transactions');
    expect(held.seen).toContain(`the session ${rows[0]?.pid} of postgres`);
    expect(held.seen).toContain('idle in transaction');
    await holder.query('ROLLBACK');
    await holder.end();
    expect(complaints(await diagnosis.examine())).toEqual({});
    await connections.end();
  });

  it('finds a database that cannot hold every text', async () => {
    const name = `ascii_${randomUUID().replaceAll('-', '')}`;
    await database.fromOutside(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'SQL_ASCII'`);
    const url = new URL(database.url);
    url.pathname = `/${name}`;
    expect(complaints(await storeOn(url.href).diagnosis.examine())).toEqual({ encoding: 'fault' });
  });

  it('judges the version of the server', async () => {
    const { rows } = await database.admin.query<{ state: string }>(
      `SELECT json_build_object AS state FROM (${serverSql(tablesOf('outrelay', '')).replace(/::text$/, '::text AS json_build_object')}) AS s`,
    );
    const state = JSON.parse(rows[0]?.state as string) as ServerState;
    const verdict = (versionNumber: number): string | undefined =>
      serverFindings({ ...state, versionNumber }).find(({ check }) => check === 'version')?.verdict;
    expect([120_022, 130_000, 180_004, 190_000].map(verdict)).toEqual(['fault', 'good', 'good', 'warning']);
  });

  it('finds a pooler that wake-ups would go through, unless there is a way past it', async ({ skip }) => {
    const found = await findPgbouncer();
    if ('none' in found) {
      note({ kind: 'skip', reason: `the diagnosis behind a pooler: ${found.none}` });
      skip(found.none);
    }
    const pooler = await startPgbouncer({ target: server.url });
    onTestFinished(() => pooler.remove());
    const url = new URL(pooler.url);
    url.pathname = new URL(database.url).pathname;
    const through = async (
      options: Partial<PostgresStoreOptions>,
    ): Promise<Readonly<Record<string, string>>> =>
      complaints(await storeOn(url.href, options).diagnosis.examine());
    expect(await through({ wakeups: 'notify' })).toEqual({ pooler: 'warning' });
    expect(await through({ wakeups: 'notify', wakeupUrl: database.url })).toEqual({});
    expect(await through({})).toEqual({});
  });

  it('finds a standby', async () => {
    const own = await startPostgres({ settings: WELL });
    onTestFinished(() => own.remove());
    await own.stop();
    await writeFile(join(own.directory, 'data', 'standby.signal'), '', { mode: 0o666 });
    await own.start();
    expect(complaints(await storeOn(own.url).diagnosis.examine({ push: true }))).toEqual({
      writable: 'fault',
    });
  });
});

describe('the diagnosis of a server that is set up badly', () => {
  let server: ServerInstance<Settings>;
  beforeAll(async () => {
    server = await startPostgres({ settings: ILL });
  });
  afterAll(() => server.remove());

  it('finds every setting that is wrong, before there are tables', async () => {
    const findings = await storeOn(server.url).diagnosis.examine({ push: true });
    expect(complaints(findings)).toEqual({
      fsync: 'fault',
      writable: 'fault',
      isolation: 'warning',
      'synchronous-commit': 'warning',
      'wal-level': 'fault',
      'wal-senders': 'fault',
      'replication-slots': 'fault',
      log: 'fault',
      'log-limit': 'warning',
    });
  });

  it('names statements that make it right', async () => {
    await statementsOn(server.url, 'BEGIN READ WRITE; CREATE ROLE relay LOGIN SUPERUSER; COMMIT');
    const url = new URL(server.url);
    url.username = 'relay';
    const { diagnosis, schema } = storeOn(url.href, { maxConnections: 2 });
    await schema.apply();
    const before = await diagnosis.examine();
    expect(complaints(before)).toHaveProperty('autovacuum', 'warning');
    const names = ['writable', 'isolation', 'synchronous-commit'];
    for (const name of names) await statementsOn(url.href, complaint(before, name).remedy);
    const after = complaints(await storeOn(url.href).diagnosis.examine());
    expect(Object.keys(after).toSorted()).toEqual(['autovacuum', 'fsync']);
  });
});
