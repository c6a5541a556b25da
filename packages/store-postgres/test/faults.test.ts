import { randomUUID } from 'node:crypto';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ALL_TOPICS, createRelay, type OutboxError } from '@outrelay/core';
import { type ServerInstance, startPostgres, until } from '@outrelay/servers';
import { Client, type QueryResult } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postgresStore } from '../src/index.ts';
import { tablesOf } from '../src/tables.ts';
import { urlOf } from './support/database.ts';
import { Ledger } from './support/ledger.ts';

const tables = tablesOf('outrelay', '');

/** On a server of its own, which is restarted, locked and filled up. */
describe('faults', () => {
  let server: ServerInstance<Readonly<Record<string, string>>>;
  const url = (database = 'postgres'): string => urlOf(server.url, database, {});
  const token = (): string => randomUUID().replaceAll('-', '');

  async function sql(statement: string, database = 'postgres'): Promise<QueryResult> {
    const client = new Client({ connectionString: url(database) });
    client.on('error', () => {});
    await client.connect();
    try {
      return await client.query(statement);
    } finally {
      await client.end();
    }
  }

  async function freshDatabase(): Promise<string> {
    const name = `faults_${token()}`;
    await sql(`CREATE DATABASE ${name}`);
    const store = postgresStore({ url: url(name) });
    await store.schema.apply();
    await store.close();
    return name;
  }

  const claim = async (address: string, options: { schema?: string } = {}) => {
    const store = postgresStore({ url: address, ...options });
    try {
      return await store.claim({ token: token(), relay: 'faults', leaseMs: 10_000, topics: ALL_TOPICS });
    } finally {
      await store.close();
    }
  };
  const failure = async (work: Promise<unknown>): Promise<OutboxError> => {
    try {
      await work;
    } catch (error) {
      return error as OutboxError;
    }
    throw new Error('nothing failed');
  };

  beforeAll(async () => {
    server = await startPostgres({ settings: { max_connections: '40' } });
  });
  afterAll(() => server.remove());

  it.each(['restarted', 'killed'] as const)(
    'three relays drain while the server is %s twice: nothing is lost, and keys keep their order',
    async (how) => {
      const database = await freshDatabase();
      const keys = 20;
      const count = 4_000;
      await sql(
        `INSERT INTO ${tables.messages} (id, topic, message_key, payload) SELECT 'm' || n, 't', 'k' || n % ${keys}, '{}' FROM generate_series(1, ${count}) AS n`,
        database,
      );
      const ledger = new Ledger();
      const stores = [0, 1, 2].map(() => postgresStore({ url: url(database), maxConnections: 4 }));
      const relays = stores.map((store, at) =>
        createRelay({
          store,
          // Slow enough that each outage falls into the drain.
          transport: ledger.transport(() => new Promise((resolve) => setTimeout(resolve, 25))),
          name: `relay-${at}`,
          leaseMs: 1_500,
          batch: { messages: 25 },
          poll: { maxMs: 100 },
        }),
      );
      for (const relay of relays) relay.start();
      for (const part of [count / 8, count / 2]) {
        await until(
          'a part to be delivered',
          () => {
            if (ledger.received.length < part) throw new Error(`${ledger.received.length} of ${part}`);
          },
          () => null,
          60_000,
        );
        if (how === 'restarted') await server.restart();
        else {
          await server.kill();
          await server.start();
        }
      }
      await until(
        'all of it to be delivered',
        () => {
          const ids = new Set(ledger.received.map(({ id }) => id));
          if (ids.size < count) throw new Error(`${ids.size} of ${count}`);
        },
        () => null,
        90_000,
      );
      await Promise.all(relays.map((relay) => relay.stop()));
      await Promise.all(stores.map((store) => store.close()));
      for (const [key, ids] of ledger.firstsByKey()) {
        const numbers = ids.map((id) => Number(id.slice(1)));
        expect(numbers, key).toEqual(numbers.toSorted((a, b) => a - b));
      }
      const { rows } = await sql(`SELECT count(*)::integer AS left FROM ${tables.messages}`, database);
      expect(rows).toEqual([{ left: 0 }]);
    },
    240_000,
  );

  it('a server in read-only mode is retryable, and works when it is back', async () => {
    const database = await freshDatabase();
    await sql(`INSERT INTO ${tables.messages} (topic, payload) VALUES ('t', '{}')`, database);
    await sql(`ALTER DATABASE ${database} SET default_transaction_read_only = on`);
    // A default is overridden by the store; a standby cannot be.
    expect(await claim(url(database))).not.toBeNull();
    const client = new Client({ connectionString: url(database) });
    await client.connect();
    const store = postgresStore({ url: url(database) });
    const refused = await failure(
      client
        .query('BEGIN READ ONLY')
        .then(() => store.append(client, [], { autocommit: false }))
        .then(() => client.query(`DELETE FROM ${tables.messages}`)),
    );
    expect(refused.code as string).toBe('25006');
    await client.end();
    await store.close();
  });

  it('too many connections are retryable, and say what to change', async () => {
    const database = await freshDatabase();
    const taken: Client[] = [];
    try {
      for (;;) {
        const client = new Client({ connectionString: url(database) });
        client.on('error', () => {});
        await client.connect();
        taken.push(client);
      }
    } catch {
      // The server is full.
    }
    const error = await failure(claim(url(database)));
    expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
    expect(error.message).toContain('Raise max_connections');
    await Promise.all(taken.map((client) => client.end()));
    await until('a connection to be free', () => claim(url(database)));
  });

  it('a wrong password and an unknown database are said, without the password', async () => {
    const database = await freshDatabase();
    await sql(
      `DO $$ BEGIN CREATE ROLE locked LOGIN PASSWORD 'right'; EXCEPTION WHEN duplicate_object THEN NULL; END $$`,
    );
    const file = join(server.directory, 'data', 'pg_hba.conf');
    const before = readFileSync(file, 'utf8');
    writeFileSync(file, `host all locked 127.0.0.1/32 scram-sha-256\n${before}`);
    await sql('SELECT pg_reload_conf()');
    const address = new URL(url(database));
    address.username = 'locked';
    address.password = 'not the right one';
    const denied = await until('the new rules to hold', async () => {
      const error = await failure(claim(address.href));
      expect(error.code).toBe('STORE_ACCESS_DENIED');
      expect(error.message).toMatch(/password/);
      return error;
    });
    expect(denied.retryable).toBe(false);
    expect(denied.message).not.toContain('not the right one');
    address.password = 'right';
    expect(await failure(claim(address.href))).toMatchObject({ code: 'STORE_ACCESS_DENIED' });
    expect(await failure(claim(url('no_such_database')))).toMatchObject({ code: 'STORE_ACCESS_DENIED' });
    writeFileSync(file, before);
    appendFileSync(file, '\n');
  });

  it('a missing schema, a missing table, an older and a newer schema say what to run', async () => {
    const database = await freshDatabase();
    const missing = await failure(claim(url(database), { schema: 'elsewhere' }));
    expect(missing).toMatchObject({ code: 'STORE_SCHEMA_MISSING' });
    expect(missing.message).toContain('"elsewhere"');
    expect(missing.message).toContain('outrelay migrate apply');
    await sql(
      `INSERT INTO ${tables.versions} (version, name, min_compatible) VALUES (99, 'of the future', 99)`,
      database,
    );
    const newer = await failure(claim(url(database)));
    expect(newer).toMatchObject({ code: 'STORE_SCHEMA_OUTDATED' });
    expect(newer.message).toContain('Upgrade @outrelay/store-postgres');
    await sql(`DELETE FROM ${tables.versions} WHERE version = 99`, database);
    await sql(`DROP TABLE ${tables.delayed}`, database);
    await sql(`INSERT INTO ${tables.messages} (topic, payload) VALUES ('t', '{}')`, database);
    expect(await failure(claim(url(database)))).toMatchObject({ code: 'STORE_SCHEMA_MISSING' });
    const client = new Client({ connectionString: url(database) });
    await client.connect();
    await client.query('BEGIN');
    const store = postgresStore({ url: url(database) });
    const appending = store.append(
      client,
      [
        {
          id: 'm',
          topic: 't',
          key: null,
          headers: {},
          payload: '',
          contentType: 'x',
          availableAt: null,
          ordering: 'key',
        },
      ],
      { autocommit: false },
    );
    expect(await failure(appending)).toMatchObject({ code: 'STORE_SCHEMA_MISSING' });
    await client.end();
    await store.close();
  });

  it('a session with hostile settings changes neither what is stored nor what is read', async () => {
    const database = await freshDatabase();
    for (const setting of [
      "default_transaction_isolation = 'serializable'",
      'default_transaction_deferrable = on',
      'standard_conforming_strings = off',
      "bytea_output = 'escape'",
      "datestyle = 'German, DMY'",
      "intervalstyle = 'sql_standard'",
      "timezone = 'Pacific/Chatham'",
      "search_path = 'pg_catalog'",
      'extra_float_digits = -15',
      "xmloption = 'document'",
    ])
      await sql(`ALTER DATABASE ${database} SET ${setting}`);
    const store = postgresStore({ url: url(database) });
    const payload = new Uint8Array([0, 39, 92, 255]);
    const before = Date.now();
    await store.transactions.run(async (tx) => {
      const fields = {
        headers: { q: `'\\"` },
        contentType: 'x',
        availableAt: null,
        ordering: 'key',
      } as const;
      await store.append(
        tx,
        [
          { id: 'm1', topic: `it's \\ a`, key: `k'\\`, payload: `\\'"`, ...fields },
          { id: 'm2', topic: `it's \\ a`, key: null, payload, ...fields },
        ],
        { autocommit: false },
      );
    });
    const lease = await store.claim({ token: token(), relay: `r'\\`, leaseMs: 10_000, topics: ALL_TOPICS });
    if (lease === null) throw new Error('nothing was claimed');
    const read = await store.read(lease, { messages: 10, bytes: 1_000, topics: ALL_TOPICS });
    expect(read).toMatchObject([
      { id: 'm1', topic: `it's \\ a`, key: `k'\\`, payload: `\\'"`, headers: { q: `'\\"` } },
      { id: 'm2', payload },
    ]);
    expect(Math.abs((read[0]?.createdAt.getTime() ?? 0) - before)).toBeLessThan(60_000);
    const [first, second] = read;
    if (first === undefined || second === undefined) throw new Error('nothing was read');
    const report = await store.settle(lease, {
      accepted: [first],
      retry: [{ message: second, delayMs: 0, error: `\\ ' \0` }],
      dead: [],
      returned: [],
    });
    expect(report).toMatchObject({ settled: 2 });
    const [again] = await store.read(lease, { messages: 10, bytes: 1_000, topics: ALL_TOPICS });
    expect(again).toMatchObject({ id: 'm2', attempt: 2 });
    const retried = await store.settle(lease, {
      accepted: [],
      retry: [{ message: again as NonNullable<typeof again>, delayMs: 60_000, error: 'x' }],
      dead: [],
      returned: [],
    });
    expect(retried).toMatchObject({ settled: 1, alreadySettled: [] });
    await store.close();
  });
});
