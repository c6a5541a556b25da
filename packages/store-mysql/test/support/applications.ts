import { randomUUID } from 'node:crypto';
import type { ApplicationTransaction } from '@outrelay/conformance';
import knex, { type Knex } from 'knex';
import { createConnection, createPool } from 'mysql2';
import type { Place } from './place.ts';

/** A transaction of the application that can lock what it names. */
export interface MysqlTransaction extends ApplicationTransaction {
  lockKey(name: string): Promise<void>;
}

/** An application that reaches the database in one of the ways that the store takes. */
export interface Application {
  begin(): Promise<MysqlTransaction>;
  /** What opens connections by itself. */
  root(): unknown;
  /** Closes everything that was opened. */
  close(): Promise<void>;
}

/** How an application reaches the database. */
export type Form = 'callbacks' | 'promises' | 'knex';

/** Connections of the application name no database: what kills the connections of stores knows them by theirs. */
function optionsOf({ connection }: Place): { host: string; port: number; user: string; password: string } {
  const { database: _, ...options } = connection;
  return options;
}

/** An application on mysql2. */
function mysql2Application(place: Place, form: 'callbacks' | 'promises'): Application {
  const closers: (() => Promise<void>)[] = [];
  return {
    async begin() {
      const connection = createConnection({ ...optionsOf(place), charset: 'utf8mb4' });
      closers.push(async () => connection.destroy());
      unref(connection);
      const promised = connection.promise();
      await promised.beginTransaction();
      const run = async (sql: string): Promise<void> => {
        await promised.query(sql);
      };
      return {
        handle: form === 'promises' ? promised : connection,
        lockKey: (name) => lockKey(place, name, run),
        commit: () => promised.commit(),
        rollback: () => promised.rollback(),
        savepoint: () => savepoint(run),
      };
    },
    root() {
      const pool = createPool({ ...optionsOf(place), connectionLimit: 2 });
      closers.push(() => pool.promise().end());
      return form === 'promises' ? pool.promise() : pool;
    },
    async close() {
      await Promise.all(closers.map((close) => close()));
    },
  };
}

/** Opens knex as an application would. */
export function openKnex(connection: object): Knex {
  return knex({
    client: 'mysql2',
    connection,
    pool: {
      min: 0,
      max: 20,
      afterCreate(raw: object, done: (error: Error | null) => void) {
        unref(raw);
        done(null);
      },
    },
  });
}

/** Connections of the application are none of its store's, which is watched for what it keeps alive. */
function unref(connection: object): void {
  (connection as { stream: { unref(): void } }).stream.unref();
}

/** An application on knex. */
function knexApplication(place: Place): Application {
  const root = openKnex(optionsOf(place));
  return {
    async begin() {
      const handle = await root.transaction();
      const run = async (sql: string): Promise<void> => {
        await handle.raw(sql);
      };
      return {
        handle,
        lockKey: (name) => lockKey(place, name, run),
        commit: async () => {
          await handle.commit();
        },
        rollback: async () => {
          await handle.rollback();
        },
        savepoint: () => savepoint(run),
      };
    },
    root: () => root,
    close: () => root.destroy(),
  };
}

type Run = (sql: string) => Promise<void>;

/** As applications lock an aggregate: by writing its row. */
async function lockKey({ database }: Place, name: string, run: Run): Promise<void> {
  await run(
    `INSERT INTO \`${database}\`.app_keys (name) VALUES ('${name}') ON DUPLICATE KEY UPDATE name = VALUES(name)`,
  );
}

async function savepoint(run: Run): Promise<() => Promise<void>> {
  const name = `\`${randomUUID()}\``;
  await run(`SAVEPOINT ${name}`);
  return () => run(`ROLLBACK TO SAVEPOINT ${name}`);
}

/** An application of the form on a database. */
export function applicationOf(form: Form, place: Place): Application {
  return form === 'knex' ? knexApplication(place) : mysql2Application(place, form);
}
