import { readOptions } from '@outrelay/core';
import { knexSql } from './knex-transaction.ts';
import { identifier, text } from './literal.ts';
import { stepsAfter } from './migrations/migrations.ts';
import { checkPrefix, checkSchema } from './options.ts';
import { type Tables, tablesOf } from './tables.ts';

/** Where the tables are, as in the options of `postgresStore`. */
export interface KnexMigrationsOptions {
  /** Default: `outrelay`. */
  readonly schema?: string | undefined;
  /** Default: nothing. */
  readonly prefix?: string | undefined;
}

/** The part of knex that a migration uses, by shape. */
export interface MigratingKnex {
  raw(sql: string): PromiseLike<unknown>;
}

/** A migration as knex runs it. */
export interface KnexMigration {
  readonly name: string;
  up(knex: MigratingKnex): Promise<void>;
  down(knex: MigratingKnex): Promise<void>;
}

/** What knex takes as `migrationSource`. */
export interface KnexMigrationSource {
  getMigrations(): Promise<KnexMigration[]>;
  getMigrationName(migration: KnexMigration): string;
  getMigration(migration: KnexMigration): Promise<KnexMigration>;
}

/**
 * The schema as migrations of knex, for teams that apply everything through it.
 *
 * A step that `schema.apply` or the command line has taken before is recorded and not taken again, so both ways may be
 * mixed. Give the source a table of its own, so that knex does not miss the migrations of your application in it.
 *
 * @example
 * await knex.migrate.latest({ migrationSource: knexMigrations(), tableName: 'outrelay_migrations' });
 */
export function knexMigrations(options: KnexMigrationsOptions = {}): KnexMigrationSource {
  const { schema, prefix } = readOptions('knexMigrations', options, {
    schema: checkSchema,
    prefix: checkPrefix,
  });
  const tables = tablesOf(schema, prefix);
  const migrations = stepsAfter(0, tables).map(({ version, name, statements }): KnexMigration => {
    const number = String(version).padStart(4, '0');
    return {
      name: `${number}_outrelay_${prefix}${name}`,
      async up(knex) {
        if ((await installedVersion(knex, tables)) >= version) return;
        if (!(await schemaExists(knex, schema)))
          await knex.raw(knexSql(`CREATE SCHEMA ${identifier(schema)}`));
        for (const statement of statements) await knex.raw(knexSql(statement));
      },
      async down(knex) {
        if (version > 1) throw new Error(`The step ${number} of Outrelay cannot be taken back by itself.`);
        for (const table of tables.names) {
          await knex.raw(knexSql(`DROP TABLE IF EXISTS ${identifier(schema)}.${identifier(table)}`));
        }
      },
    };
  });
  return {
    getMigrations: async () => [...migrations],
    getMigrationName: ({ name }) => name,
    getMigration: async (migration) => migration,
  };
}

async function rowsOf(knex: MigratingKnex, sql: string): Promise<readonly Record<string, unknown>[]> {
  const { rows } = (await knex.raw(knexSql(sql))) as { rows: readonly Record<string, unknown>[] };
  return rows;
}

async function schemaExists(knex: MigratingKnex, schema: string): Promise<boolean> {
  const known = `SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = ${text(schema)}`;
  return (await rowsOf(knex, known)).length > 0;
}

async function installedVersion(knex: MigratingKnex, { versions }: Tables): Promise<number> {
  const [there] = await rowsOf(knex, `SELECT to_regclass(${text(versions)}) IS NOT NULL AS exists`);
  if (there?.['exists'] !== true) return 0;
  const [found] = await rowsOf(knex, `SELECT coalesce(max(version), 0)::text AS version FROM ${versions}`);
  return Number(found?.['version']);
}
