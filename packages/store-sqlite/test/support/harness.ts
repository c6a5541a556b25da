import { join } from 'node:path';
import { type StoreHarness, shiftDate } from '@outrelay/conformance';
import type { StoreCapabilities } from '@outrelay/core';
import { capabilities, sqliteStore } from '../../src/index.ts';
import { tablesOf } from '../../src/tables.ts';
import type { TestedDriver } from './drivers.ts';
import { type InstallationSettings, RETENTION, SqliteInstallation } from './installation.ts';
import { runProgram } from './programs.ts';
import { scratchDirectory } from './scratch.ts';

/** Makes an installation in a file that has been prepared; `removal` removes the file. */
export type OpenInstallation = (settings: InstallationSettings, removal: () => void) => SqliteInstallation;

/** What the conformance suite needs to know of a SQLite store on a driver. */
export function sqliteHarness(
  { name, driver }: TestedDriver,
  manifest: StoreCapabilities = capabilities,
  install: OpenInstallation = (settings, removal) => new SqliteInstallation(settings, removal),
): StoreHarness<SqliteInstallation> {
  return {
    kind: 'store',
    name: `store-sqlite on ${name}`,
    capabilities: manifest,
    facets: [
      'transactions',
      'schema',
      'wakeups',
      'inspection',
      'recovery',
      'maintenance',
      'inbox',
      'parking',
      'diagnosis',
    ],
    waits: { quietMs: 30 },
    async open({ schema }) {
      const directory = scratchDirectory();
      const file = join(directory.path, 'outbox.db');
      if (schema === 'installed') {
        const store = sqliteStore({ file, driver });
        await store.schema.apply();
        await store.close();
      }
      return install({ driver, file, prefix: '' }, () => directory.remove());
    },
    powers: {
      retention: RETENTION,
      insertRaw: (installation, { topic, key, payload }) =>
        installation.run(
          'INSERT INTO outbox_messages (topic, message_key, payload) VALUES (?, ?, ?)',
          topic,
          key,
          payload,
        ),
      corruptRow: (installation, id) =>
        installation.run("UPDATE outbox_messages SET headers = 'no JSON' WHERE id = ?", id),
      async refuseRow(installation, id) {
        await installation.define(
          `CREATE TRIGGER refusal BEFORE INSERT ON outbox_messages WHEN NEW.id = '${id}' BEGIN SELECT RAISE(ABORT, 'refused'); END`,
        );
      },
      // SQLite has one writer: whoever has begun to write holds every lock there is.
      lockKey: async () => {},
      wrongClock: async (_, offsetMs) => shiftDate(offsetMs),
      async secondInstallation({ settings }) {
        const second = { ...settings, prefix: 'Second_' };
        const store = sqliteStore(second);
        await store.schema.apply();
        await store.close();
        return install(second, () => {});
      },
      appendAndDie: ({ settings }, message) =>
        runProgram('append-and-die', [settings.file, message.id, message.topic]),
      async applyInProcesses({ settings }, count) {
        await Promise.all(Array.from({ length: count }, () => runProgram('apply', [settings.file])));
      },
      async changeSchema(installation) {
        installation.idle.exec('DROP INDEX outbox_delayed_due');
      },
      async leftovers({ idle, settings }) {
        const names = tablesOf(settings.prefix).names;
        const rows = idle.prepare('SELECT name, tbl_name AS owner FROM sqlite_master').all();
        return (rows as { name: string; owner: string }[])
          .filter(({ owner }) => names.includes(owner))
          .map((row) => row.name);
      },
    },
  };
}
