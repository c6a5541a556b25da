import { createHash } from 'node:crypto';
import { type MigrationStep, OutboxError, type SchemaFacet } from '@outrelay/core';
import type { Connections, Session } from './connections.ts';
import { findDrift } from './drift.ts';
import { schemaMissing, schemaOutdated } from './errors.ts';
import { text } from './literal.ts';
import { LATEST_VERSION, OLDEST_VERSION, type SchemaPlace, stepsAfter } from './migrations/migrations.ts';
import type { MysqlStoreSettings } from './options.ts';
import { COLLATIONS, serverOf, VERSION } from './server.ts';
import { quoted, type Tables } from './tables.ts';

/** Seconds that one process waits while another one changes the schema. */
const LOCK_TIMEOUT_S = 60;

/** What `outrelay_schema` says; zeros when it is not there. */
interface Installed {
  readonly version: number;
  readonly minCompatible: number;
}

async function installed(session: Session, { schema, database, names }: Tables): Promise<Installed> {
  const there = await session.rows(
    `SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = ${text(database)} AND TABLE_NAME = ${text(names.at(-1) as string)}`,
  );
  if (there.length === 0) return { version: 0, minCompatible: 0 };
  const [row] = await session.rows(
    `SELECT COALESCE(MAX(version), 0), COALESCE(MAX(min_compatible), 0) FROM ${schema}`,
  );
  return { version: Number(row?.[0]), minCompatible: Number(row?.[1]) };
}

function isCompatible({ version, minCompatible }: Installed): boolean {
  return version >= OLDEST_VERSION && minCompatible <= LATEST_VERSION;
}

/** Checks, once per store, that the tables are there and of a version that this package works with. */
export async function verifySchema(session: Session, tables: Tables): Promise<void> {
  const found = await installed(session, tables);
  if (found.version === 0) throw schemaMissing(tables.database);
  if (!isCompatible(found)) throw schemaOutdated(tables.database, versionText(found));
}

function versionText({ version }: Installed): string {
  return version > LATEST_VERSION
    ? `they are of version ${version}, and this package knows versions up to ${LATEST_VERSION}. Upgrade @outrelay/store-mysql`
    : `they are of version ${version}, and this package needs ${OLDEST_VERSION} at least. Run \`outrelay migrate apply\``;
}

/** Creates and inspects the tables. */
export function schemaFacet(connections: Connections, { tables, prefix }: MysqlStoreSettings): SchemaFacet {
  const placeOf = async (session: Session): Promise<SchemaPlace> => {
    const [row] = await session.rows(VERSION);
    return { tables, prefix, collation: COLLATIONS[serverOf(row?.[0])] };
  };

  /** Runs `work` while no other process changes this schema: definitions commit by themselves, so rows cannot lock. */
  async function alone<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const name = text(lockName(tables));
    return connections.bare(async (session) => {
      const [row] = await session.rows(`SELECT GET_LOCK(${name}, ${LOCK_TIMEOUT_S})`);
      if (row?.[0] !== 1) throw schemaBusy(tables.database);
      try {
        return await work(session);
      } finally {
        await session.rows(`SELECT RELEASE_LOCK(${name})`);
      }
    });
  }

  return {
    status: () =>
      connections.bare(async (session) => {
        const found = await installed(session, tables);
        const drift =
          found.version === LATEST_VERSION ? await findDrift(session, await placeOf(session)) : [];
        return { installed: found.version, latest: LATEST_VERSION, compatible: isCompatible(found), drift };
      }),

    plan: () =>
      connections.bare(async (session) => {
        const { version } = await installed(session, tables);
        return stepsAfter(version, await placeOf(session));
      }),

    apply: () =>
      alone(async (session) => {
        const { version } = await installed(session, tables);
        const taken: MigrationStep[] = [];
        for (const step of stepsAfter(version, await placeOf(session))) {
          for (const statement of step.statements) await session.script([statement]);
          taken.push(step);
        }
        return taken;
      }),

    async remove() {
      const names = tables.names.map((name) => `${quoted(tables.database)}.${quoted(name)}`);
      await alone((session) => session.script([`DROP TABLE IF EXISTS ${names.join(', ')}`]));
    },
  };
}

/** Locks by name are shared by all databases of a server, and at most 64 characters long. */
function lockName({ database, names }: Tables): string {
  const name = createHash('sha256')
    .update(`${database}\0${names.join('\0')}`)
    .digest('hex');
  return `outrelay_${name.slice(0, 48)}`;
}

function schemaBusy(database: string): OutboxError {
  return new OutboxError(
    'STORE_CONFLICT',
    `Another process has been changing the outbox tables in "${database}" for more than ${LOCK_TIMEOUT_S} s. Try again when it has finished.`,
  );
}
