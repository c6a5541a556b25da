import { createOutbox } from '@outrelay/core';
import { serverUrl } from '@outrelay/servers';
import knex from 'knex';
import { Client, type Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type PgClient, PostgresTransaction, type PostgresStore, postgresStore } from '../src/index.ts';
import { knexMigrations } from '../src/knex.ts';
import { type TestDatabase, testDatabase } from './support/database.ts';

const MESSAGE = { topic: 't', payload: 1 } as const;

describe.skipIf(serverUrl('postgres') === undefined)('handles', () => {
  let database: TestDatabase;
  let pool: Pool;
  let store: PostgresStore;
  const count = async (): Promise<number> => {
    const { rows } = await pool.query<{ n: number }>(
      'SELECT count(*)::integer AS n FROM outrelay.outbox_messages',
    );
    return rows[0]?.n ?? 0;
  };
  const connected = async (): Promise<Client> => {
    const client = new Client({ connectionString: database.url });
    await client.connect();
    onTestFinished(() => client.end());
    return client;
  };

  beforeAll(async () => {
    database = await testDatabase();
    pool = database.admin;
    store = postgresStore({ pool });
    await store.schema.apply();
  });
  afterAll(() => database.remove());

  it('a client of an older pg, which does not tell its state, is asked about by a savepoint', async () => {
    const outbox = createOutbox({ store });
    const client = await connected();
    const older = new Proxy(client, {
      get: (target, name) => {
        const value: unknown = name === 'getTransactionStatus' ? undefined : Reflect.get(target, name);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    }) as unknown as PgClient;
    const before = await count();
    await expect(outbox.append(older, MESSAGE)).rejects.toMatchObject({ code: 'TRANSACTION_REQUIRED' });
    await client.query('BEGIN');
    await outbox.append(older, MESSAGE);
    await client.query('COMMIT');
    expect(await count()).toBe(before + 1);
    await expect(outbox.append(older, MESSAGE)).rejects.toMatchObject({ code: 'TRANSACTION_REQUIRED' });
  });

  it('a BEGIN that is on its way counts, a transaction that has failed is named', async () => {
    const outbox = createOutbox({ store });
    const client = await connected();
    const beginning = client.query('BEGIN');
    await outbox.append(client, MESSAGE);
    await beginning;
    await expect(client.query('SELECT no_such_column')).rejects.toThrow('no_such_column');
    await expect(outbox.append(client, MESSAGE)).rejects.toMatchObject({ code: 'TRANSACTION_CLOSED' });
    await client.query('ROLLBACK');
  });

  it('a client that was ended, a pool, the root of knex and foreign things are refused', async () => {
    const outbox = createOutbox({ store });
    const ended = new Client({ connectionString: database.url });
    await ended.connect();
    await ended.query('BEGIN');
    await ended.end();
    await expect(outbox.append(ended, MESSAGE)).rejects.toMatchObject({ code: 'TRANSACTION_CLOSED' });
    const root = knex({ client: 'pg', connection: database.url });
    onTestFinished(() => root.destroy());
    for (const handle of [pool, root, undefined, 'text'])
      await expect(outbox.append(handle as never, MESSAGE)).rejects.toMatchObject({
        code: 'TRANSACTION_REQUIRED',
      });
    for (const handle of [{}, { query: () => undefined }])
      await expect(outbox.append(handle as never, MESSAGE)).rejects.toMatchObject({
        code: 'TRANSACTION_FOREIGN',
      });
    const transaction = await root.transaction();
    await outbox.append(transaction, MESSAGE);
    await transaction.rollback();
    await expect(outbox.append(transaction, MESSAGE)).rejects.toMatchObject({ code: 'TRANSACTION_CLOSED' });
  });

  it('an executor is all that a library needs', async () => {
    const outbox = createOutbox({ store });
    const client = await connected();
    await client.query('BEGIN');
    const before = await count();
    const wrapped = new PostgresTransaction({
      kind: 'a transaction of a library',
      state: () => 'open',
      query: async (text, values) => (await client.query<Record<string, unknown>>(text, [...values])).rows,
    });
    await outbox.append(wrapped, [MESSAGE, { ...MESSAGE, payload: new Uint8Array([0, 255]) }]);
    await client.query('COMMIT');
    expect(await count()).toBe(before + 2);
  });

  it('migrations of knex and those of the store know of each other', async () => {
    const root = knex({ client: 'pg', connection: database.url });
    onTestFinished(() => root.destroy());
    const settings = {
      migrationSource: knexMigrations({ schema: 'by knex?' }),
      tableName: 'outrelay_migrations',
    };
    await root.migrate.latest(settings);
    const own = postgresStore({ pool, schema: 'by knex?' });
    expect(await own.schema.status()).toMatchObject({ installed: 1, compatible: true, drift: [] });
    expect(await own.schema.apply()).toEqual([]);
    await root.migrate.rollback(settings, true);
    expect(await own.schema.status()).toMatchObject({ installed: 0 });
    await own.schema.apply();
    await root.migrate.latest(settings);
    expect(await own.schema.status()).toMatchObject({ installed: 1, drift: [] });
  });
});
