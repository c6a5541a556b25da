import { type MigrationStep, OutboxError, type SchemaFacet } from '@outrelay/core';
import { Connection, type Session } from './connection.ts';
import { findDrift } from './drift.ts';
import { schemaMissing, schemaOutdated } from './errors.ts';
import { LATEST_VERSION, OLDEST_VERSION, stepsAfter } from './migrations/migrations.ts';
import type { SqliteStoreSettings } from './options.ts';
import type { Tables } from './tables.ts';

/** What `outrelay_schema` says; zeros when it is not there. */
interface Installed {
  readonly version: number;
  readonly minCompatible: number;
}

function installed(session: Session, { schema, names }: Tables): Installed {
  const table = names.at(-1) as string;
  if (
    session.row(
      "SELECT 1 FROM main.sqlite_master WHERE type = 'table' AND name = ? COLLATE NOCASE",
      table,
    ) === undefined
  )
    return { version: 0, minCompatible: 0 };
  const [version, minCompatible] = session.row(
    `SELECT coalesce(max(version), 0) AS version, coalesce(max(min_compatible), 0) AS compatible FROM ${schema}`,
  ) as [number, number];
  return { version, minCompatible };
}

function isCompatible({ version, minCompatible }: Installed): boolean {
  return version >= OLDEST_VERSION && minCompatible <= LATEST_VERSION;
}

/** Checks, once per connection, that the tables are there and of a version that this package works with. */
export function verifySchema(session: Session, tables: Tables, file: string): void {
  const found = installed(session, tables);
  if (found.version === 0) throw schemaMissing(file);
  if (!isCompatible(found)) throw schemaOutdated(file, versionText(found));
}

function versionText({ version }: Installed): string {
  return version > LATEST_VERSION
    ? `they are of version ${version}, and this package knows versions up to ${LATEST_VERSION}. Upgrade @outrelay/store-sqlite`
    : `they are of version ${version}, and this package needs ${OLDEST_VERSION} at least. Run \`outrelay migrate apply\``;
}

/** Creates and inspects the tables. Each call has a connection of its own, the only one that may create the file. */
export function schemaFacet(settings: SqliteStoreSettings): SchemaFacet {
  const { tables, file } = settings;

  async function withConnection<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = new Connection({ ...settings, synchronous: 'FULL', create: true, verify: () => {} });
    try {
      return await work(connection);
    } finally {
      connection.close();
    }
  }

  const look = async <T>(work: (connection: Connection) => Promise<T>, otherwise: T): Promise<T> =>
    file.exists ? withConnection(work) : otherwise;

  return {
    async status() {
      const nothing = { installed: 0, latest: LATEST_VERSION, compatible: false, drift: [] };
      return look(async (connection) => {
        const { found, drift } = await connection.read((session) => {
          const version = installed(session, tables);
          return {
            found: version,
            drift: version.version === 0 ? [] : findDrift(session, settings.driver, tables, version.version),
          };
        });
        return { installed: found.version, latest: LATEST_VERSION, compatible: isCompatible(found), drift };
      }, nothing);
    },

    async plan() {
      const { version } = await look(
        (connection) => connection.read((session) => installed(session, tables)),
        { version: 0, minCompatible: 0 },
      );
      return stepsAfter(version, tables);
    },

    apply: () =>
      withConnection(async (connection) => {
        const mode = await connection.bare((session) => session.row('PRAGMA journal_mode = WAL')?.[0]);
        if (mode !== 'wal') throw walRefused(file.path, mode);
        const taken: MigrationStep[] = [];
        for (;;) {
          // One transaction a step; what another process has done meanwhile shows in the version.
          const step = await connection.write((session) => {
            const [next] = stepsAfter(installed(session, tables).version, tables);
            for (const statement of next?.statements ?? []) session.run(statement);
            return next;
          });
          if (step === undefined) return taken;
          taken.push(step);
        }
      }),

    async remove() {
      await look(async (connection) => {
        await connection.write((session) => {
          for (const name of tables.names) session.run(`DROP TABLE IF EXISTS main."${name}"`);
        });
      }, undefined);
    },
  };
}

function walRefused(path: string, mode: unknown): OutboxError {
  return new OutboxError(
    'STORE_FAILED',
    `SQLite did not switch "${path}" to write-ahead logging and stays in mode "${String(mode)}": the file must be on a local disk, and writable. Without it readers and writers would wait for each other.`,
  );
}
