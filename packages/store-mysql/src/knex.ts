import { readOptions } from '@outrelay/core';
import { LATEST_VERSION, stepsAfter } from './migrations/migrations.ts';
import { checkPrefix } from './options.ts';
import { COLLATIONS, serverOf, VERSION } from './server.ts';
import { quoted, tablesOf } from './tables.ts';

/** The part of knex that a migration uses. */
export interface MigratingKnex {
  raw(sql: string): PromiseLike<unknown>;
}

/** One migration as knex runs it. Definitions of tables commit by themselves, so it asks for no transaction. */
export interface KnexMigration {
  readonly config: { readonly transaction: false };
  up(knex: MigratingKnex): Promise<void>;
  down(knex: MigratingKnex): Promise<void>;
}

/** What the option `migrationSource` of knex takes. */
export interface KnexMigrationSource {
  getMigrations(): Promise<number[]>;
  getMigrationName(version: number): string;
  getMigration(version: number): Promise<KnexMigration>;
}

/** Options of {@link knexMigrations}. */
export interface KnexMigrationOptions {
  /** As the option of `mysqlStore`. Default: nothing. */
  readonly prefix?: string | undefined;
}

/**
 * The schema of the outbox as migrations of knex, for applications whose tables all come from there.
 *
 * They do what `schema.apply` does, in the database that knex is connected to, and either can go on where the other has
 * stopped. Rolling the first one back drops the tables with all messages in them.
 *
 * @example
 * await knex.migrate.latest({ migrationSource: knexMigrations(), tableName: 'outrelay_migrations' });
 */
export function knexMigrations(options: KnexMigrationOptions = {}): KnexMigrationSource {
  const { prefix } = readOptions('knexMigrations', options, { prefix: checkPrefix });
  return {
    getMigrations: () => Promise.resolve(Array.from({ length: LATEST_VERSION }, (_, index) => index + 1)),
    getMigrationName: (version) => `outrelay_${prefix}${String(version).padStart(4, '0')}`,
    getMigration: (version) => Promise.resolve(migration(version, prefix)),
  };
}

function migration(version: number, prefix: string): KnexMigration {
  return {
    config: { transaction: false },
    async up(knex) {
      const tables = tablesOf(await ask(knex, 'SELECT DATABASE() AS answer'), prefix);
      const server = serverOf(await ask(knex, `${VERSION} AS answer`));
      const [step] = stepsAfter(version - 1, { tables, prefix, collation: COLLATIONS[server] });
      for (const statement of step?.statements ?? []) await knex.raw(statement);
    },
    async down(knex) {
      if (version > 1) throw new TypeError('Only the first migration of the outbox can be taken back.');
      const { database, names } = tablesOf(await ask(knex, 'SELECT DATABASE() AS answer'), prefix);
      for (const name of names) await knex.raw(`DROP TABLE IF EXISTS ${quoted(database)}.${quoted(name)}`);
    },
  };
}

async function ask(knex: MigratingKnex, sql: string): Promise<string> {
  const [rows] = (await knex.raw(sql)) as readonly [readonly { readonly answer: unknown }[]];
  const answer = rows[0]?.answer;
  if (typeof answer === 'string') return answer;
  throw new TypeError('knexMigrations: the connection of knex names no database to put the tables into.');
}
