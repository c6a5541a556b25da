import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type StoreHarness, shiftDate } from '@outrelay/conformance';
import { until } from '@outrelay/servers';
import { capabilities } from '../../src/index.ts';
import type { PostgresStoreOptions } from '../../src/options.ts';
import { executorOf } from '../../src/transaction.ts';
import { type TestDatabase, urlOf } from './database.ts';
import { type InstallationSettings, PostgresInstallation } from './installation.ts';
import { pauseAt } from './pause.ts';
import { SpareSchemas } from './spare-schemas.ts';

/** What a run of the suite is on. */
export interface HarnessSettings {
  readonly name: string;
  readonly database: () => TestDatabase;
  readonly wakeups?: PostgresStoreOptions['wakeups'];
  /** Where stores connect to, when it is not the database itself. */
  readonly pooler?: string | undefined;
  /** Makes the installation; default: one whose application uses `pg`. */
  readonly install?: (settings: InstallationSettings) => PostgresInstallation;
}

/** What the conformance suite needs to know of a PostgreSQL store. */
export function postgresHarness({
  name,
  database,
  wakeups,
  pooler,
  install = (settings) => new PostgresInstallation(settings),
}: HarnessSettings): StoreHarness<PostgresInstallation> {
  const spares = new SpareSchemas(database);
  return {
    kind: 'store',
    name,
    capabilities,
    facets: [
      'transactions',
      'sharing',
      'schema',
      ...(wakeups === undefined ? [] : (['wakeups'] as const)),
      'inspection',
      'recovery',
      'maintenance',
      'inbox',
      'parking',
      'diagnosis',
    ],
    async open({ schema }) {
      const spare = schema === 'installed' ? spares.take() : undefined;
      const place = spare ?? `Schema ${randomUUID()}`;
      const installation = install({
        database: database(),
        spares,
        schema: place,
        prefix: '',
        options: wakeups === undefined ? {} : { wakeups },
        storeUrl: pooler === undefined ? undefined : urlOf(pooler, new URL(database().url).pathname.slice(1)),
      });
      if (schema === 'installed' && spare === undefined) {
        await applySchema(installation);
        await spares.register(place);
      }
      return installation;
    },
    powers: {
      concurrentWriters: true,
      retention: { historyMs: 60_000, receiptMs: 120_000 },
      async insertRaw(installation, { topic, key, payload }) {
        await installation.run(
          `INSERT INTO ${installation.tables.messages} (topic, message_key, payload) VALUES ($1, $2, $3)`,
          [topic, key, payload],
        );
      },
      async corruptRow(installation, id) {
        await installation.run(`UPDATE ${installation.tables.messages} SET headers = '[]' WHERE id = $1`, [
          id,
        ]);
      },
      async refuseRow(installation, id) {
        const { tables, settings } = installation;
        await installation.run(
          `CREATE FUNCTION "${settings.schema}".refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused'; END $$`,
        );
        await installation.run(
          `CREATE TRIGGER refusal BEFORE INSERT ON ${tables.messages} FOR EACH ROW WHEN (NEW.id = '${id}') EXECUTE FUNCTION "${settings.schema}".refuse()`,
        );
      },
      async lockKey({ handle }, key) {
        await executorOf(handle).query('SELECT pg_advisory_xact_lock(hashtext($1))::text AS locked', [key]);
      },
      killConnections: (installation) => installation.killConnections(),
      async outage(installation) {
        const { fromOutside, url } = installation.settings.database;
        const own = new URL(url).pathname.slice(1);
        const open = `FROM pg_stat_activity WHERE ${installation.storeConnections}`;
        await fromOutside(`ALTER DATABASE ${own} WITH ALLOW_CONNECTIONS false`);
        await until('connections of the stores to be gone', async () => {
          await fromOutside(`SELECT pg_terminate_backend(pid) ${open}`);
          if ((await fromOutside(`SELECT 1 ${open}`)).length > 0) throw new Error('some are left');
        });
        return async () => {
          await fromOutside(`ALTER DATABASE ${own} WITH ALLOW_CONNECTIONS true`);
        };
      },
      pauseAt,
      wrongClock: async (_, offsetMs) => shiftDate(offsetMs),
      async secondInstallation({ settings }) {
        const second = install({ ...settings, prefix: 'Second_', spares: undefined });
        await applySchema(second);
        return second;
      },
      appendAndDie: ({ settings }, message) =>
        runProgram('append-and-die', [settings.database.url, settings.schema, message.id, message.topic]),
      async applyInProcesses({ settings }, count) {
        await Promise.all(
          Array.from({ length: count }, () => runProgram('apply', [settings.database.url, settings.schema])),
        );
      },
      async changeSchema(installation) {
        await installation.run(`DROP INDEX "${installation.settings.schema}".outbox_delayed_due`);
      },
      async leftovers(installation) {
        const { rows } = await installation.run<{ name: string }>(
          "SELECT relname AS name FROM pg_class JOIN pg_namespace AS n ON n.oid = relnamespace WHERE nspname = $1 UNION ALL SELECT 'schema ' || nspname FROM pg_namespace WHERE nspname = $1",
          [installation.settings.schema],
        );
        return rows.map((row) => row.name);
      },
    },
  };
}

async function applySchema(installation: PostgresInstallation): Promise<void> {
  const store = installation.connect();
  await store.schema?.apply();
  await store.close();
}

/** Runs a program of `test/programs` to its end, however it ends. */
async function runProgram(name: string, parameters: readonly string[]): Promise<void> {
  const child = fork(fileURLToPath(new URL(`../programs/${name}.mjs`, import.meta.url)), parameters, {
    execArgv: [],
  });
  await once(child, 'exit');
}
