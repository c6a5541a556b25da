import type { MigrationStep, SchemaFacet } from '@outrelay/core';
import type { PgClient } from './client.ts';
import type { Connections } from './connections.ts';
import { findDrift } from './drift.ts';
import { schemaMissing, schemaOutdated } from './errors.ts';
import { identifier, text } from './literal.ts';
import { LATEST_VERSION, OLDEST_VERSION, stepsAfter } from './migrations/migrations.ts';
import { seedOf, type Tables } from './tables.ts';

/** What `outrelay_schema` says; zeros when it is not there. */
interface Installed {
  readonly version: number;
  readonly minCompatible: number;
  /** Whether the schema that the tables belong in exists. */
  readonly schemaExists: boolean;
}

type Query = (sql: string) => Promise<readonly (readonly (string | null)[])[]>;

function queryOf(client: PgClient): Query {
  return async (sql) => {
    const types = {
      getTypeParser:
        () =>
        (value: string): string =>
          value,
    };
    const { rows } = (await client.query({ text: sql, rowMode: 'array', types })) as {
      rows: (string | null)[][];
    };
    return rows;
  };
}

async function installed(query: Query, tables: Tables): Promise<Installed> {
  const [row] = await query(
    `SELECT to_regclass(${text(tables.versions)}) IS NOT NULL, EXISTS (SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = ${text(tables.schema)})`,
  );
  const schemaExists = row?.[1] === 't';
  if (row?.[0] !== 't') return { version: 0, minCompatible: 0, schemaExists };
  const [found] = await query(
    `SELECT coalesce(max(version), 0), coalesce(max(min_compatible), 0) FROM ${tables.versions}`,
  );
  return { version: Number(found?.[0]), minCompatible: Number(found?.[1]), schemaExists };
}

function isCompatible({ version, minCompatible }: Installed): boolean {
  return version >= OLDEST_VERSION && minCompatible <= LATEST_VERSION;
}

/** The steps from what is installed to the latest version. */
function missingSteps(found: Installed, tables: Tables): readonly MigrationStep[] {
  const steps = stepsAfter(found.version, tables);
  if (found.schemaExists) return steps;
  // Only when it is missing: it takes a right on the database that not every role has.
  const create = `CREATE SCHEMA ${identifier(tables.schema)}`;
  return steps.map((step, at) => (at === 0 ? { ...step, statements: [create, ...step.statements] } : step));
}

/** Checks that the tables are there and of a version that this package works with. */
export async function verifySchema(connections: Connections, tables: Tables): Promise<void> {
  const found = await connections.use((client) => installed(queryOf(client), tables));
  if (found.version === 0) throw schemaMissing(tables.schema);
  if (!isCompatible(found)) throw schemaOutdated(tables.schema, versionText(found));
}

function versionText({ version }: Installed): string {
  return version > LATEST_VERSION
    ? `they are of version ${version}, and this package knows versions up to ${LATEST_VERSION}. Upgrade @outrelay/store-postgres`
    : `they are of version ${version}, and this package needs ${OLDEST_VERSION} at least. Run \`outrelay migrate apply\``;
}

/** Creates and inspects the tables. */
export function schemaFacet(connections: Connections, tables: Tables): SchemaFacet {
  /** Runs `work` in a transaction that keeps other processes from changing the same schema. */
  async function alone<T>(work: (query: Query) => Promise<T>): Promise<T> {
    return connections.use(async (client) => {
      const query = queryOf(client);
      await query('BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE');
      await query(`SELECT pg_advisory_xact_lock(${seedOf(tables)})`);
      const result = await work(query);
      await query('COMMIT');
      return result;
    });
  }

  return {
    status: () =>
      connections.use(async (client) => {
        const query = queryOf(client);
        const found = await installed(query, tables);
        return {
          installed: found.version,
          latest: LATEST_VERSION,
          compatible: isCompatible(found),
          drift: found.version === 0 ? [] : await findDrift(query, tables, found.version),
        };
      }),

    plan: () =>
      connections.use(async (client) => missingSteps(await installed(queryOf(client), tables), tables)),

    async apply() {
      const taken: MigrationStep[] = [];
      for (;;) {
        // One transaction a step; what another process has done meanwhile shows in the version.
        const step = await alone(async (query) => {
          const [next] = missingSteps(await installed(query, tables), tables);
          for (const statement of next?.statements ?? []) await query(statement);
          return next;
        });
        if (step === undefined) return taken;
        taken.push(step);
      }
    },

    remove: () =>
      alone(async (query) => {
        const { schemaExists } = await installed(query, tables);
        if (!schemaExists) return;
        await query(`DROP PUBLICATION IF EXISTS ${identifier(tables.channel)}`);
        for (const name of tables.names) {
          await query(`DROP TABLE IF EXISTS ${identifier(tables.schema)}.${identifier(name)}`);
        }
        const owned = `SELECT 1 FROM pg_catalog.pg_depend WHERE refclassid = 'pg_catalog.pg_namespace'::regclass AND refobjid = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = ${text(tables.schema)}) LIMIT 1`;
        if (tables.schema !== 'public' && (await query(owned)).length === 0) {
          await query(`DROP SCHEMA ${identifier(tables.schema)}`);
        }
      }),
  };
}
