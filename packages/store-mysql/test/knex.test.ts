import { ALL_TOPICS, createOutbox } from '@outrelay/core';
import type { Knex } from 'knex';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mysqlStore } from '../src/index.ts';
import { knexMigrations } from '../src/knex.ts';
import { openKnex } from './support/applications.ts';
import { Place } from './support/place.ts';
import { SERVERS } from './support/servers.ts';

describe.each(SERVERS)('knex on $name', (server) => {
  let place: Place;
  let knex: Knex;

  beforeEach(async () => {
    place = await Place.make(server);
    knex = openKnex(place.connection);
  });

  afterEach(async () => {
    await knex.destroy();
    await place.remove();
  });

  it('migrates the tables, and takes them back', async () => {
    const store = mysqlStore({ knex, prefix: 'k_' });
    const migrationSource = knexMigrations({ prefix: 'k_' });
    await knex.migrate.latest({ migrationSource });
    expect(await store.schema.status()).toEqual({ installed: 1, latest: 1, compatible: true, drift: [] });
    expect(await store.schema.apply()).toEqual([]);
    await knex.migrate.rollback({ migrationSource });
    expect((await store.schema.status()).installed).toBe(0);
    const left = await place.rows(
      `SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = '${place.database}' AND TABLE_NAME LIKE 'k\\_%'`,
    );
    expect(left).toEqual([]);
    await store.close();
  });

  it('is all that a store needs', async () => {
    const store = mysqlStore({ knex });
    await store.schema.apply();
    const outbox = createOutbox({ store });
    await knex.transaction((trx) => outbox.append(trx, { id: 'one', topic: 'a' }));
    await store.transactions.run(async (tx) => {
      await outbox.append(tx, { id: 'two', topic: 'a' });
    });
    const token = 'c'.repeat(32);
    const lease = await store.claim({ token, relay: 'test', leaseMs: 10_000, topics: ALL_TOPICS });
    const messages =
      lease === null ? [] : await store.read(lease, { messages: 10, bytes: 1e6, topics: ALL_TOPICS });
    expect(messages.map(({ id }) => id)).toEqual(['one', 'two']);
    await store.close();
    // The application's own connections go on.
    expect(await knex.raw('SELECT 1')).toBeDefined();
  });

  it('refuses what is no transaction of mysql2', async () => {
    const store = mysqlStore({ knex });
    await store.schema.apply();
    const outbox = createOutbox({ store });
    const trx = await knex.transaction();
    await trx.commit();
    await expect(outbox.append(trx, { topic: 'a' })).rejects.toMatchObject({ code: 'TRANSACTION_CLOSED' });
    await expect(outbox.append(knex as never, { topic: 'a' })).rejects.toMatchObject({
      code: 'TRANSACTION_REQUIRED',
      message: expect.stringContaining('the root of knex') as string,
    });
    await store.close();
  });
});
