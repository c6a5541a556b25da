import { join } from 'node:path';
import type { OutboxStore } from '@outrelay/core';
import { sqliteStore } from '@outrelay/store-sqlite';
import { postgresStore } from '@outrelay/store-postgres';
import Database from 'better-sqlite3';
import { Client } from 'pg';
import { type Setting, option, urlOf } from '../harness/contender.ts';
import { ownDatabase } from '../subjects/own-database.ts';

/** An application with an outbox: a store and transactions of the application's own. */
export interface Application {
  readonly store: OutboxStore<never>;
  /** Resolves when the transaction has committed. */
  transaction(work: (tx: never) => unknown): Promise<void>;
  close(): Promise<void>;
}

const APPLICATIONS: Readonly<Record<string, (setting: Setting) => Promise<Application>>> = {
  sqlite,
  postgres,
};

/** The application on the database that the option `store` names. */
export function applicationOf(setting: Setting): Promise<Application> {
  const create = APPLICATIONS[option(setting, 'store')];
  if (create === undefined) throw new Error(`There is no application on ${option(setting, 'store')}.`);
  return create(setting);
}

/** With the settings that better-sqlite3 gives it: every commit waits for the disk. */
async function sqlite({ directory }: Setting): Promise<Application> {
  const file = join(directory, 'outbox.db');
  const store = sqliteStore({ file });
  const database = new Database(file);
  return {
    store: store as OutboxStore<never>,
    async transaction(work) {
      database.transaction(() => work(database as never)).immediate();
    },
    async close() {
      await store.close();
      database.close();
    },
  };
}

async function postgres(setting: Setting): Promise<Application> {
  const url = await ownDatabase(urlOf(setting, 'postgres'), setting.name);
  const wakeups = (setting.options['wakeups'] ?? 'none') as 'none' | 'notify' | 'doorbell';
  const store = postgresStore({ url, wakeups });
  const client = new Client({ connectionString: url });
  await client.connect();
  return {
    store: store as OutboxStore<never>,
    async transaction(work) {
      await client.query('BEGIN');
      await work(client as never);
      await client.query('COMMIT');
    },
    async close() {
      await store.close();
      await client.end();
    },
  };
}
