import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type ApplicationTransaction, type StoreHarness, shiftDate } from '@outrelay/conformance';
import { collectionsOf } from '../../src/collections.ts';
import { isTransient } from '../../src/errors.ts';
import { capabilities, type MongoSession } from '../../src/index.ts';
import type { TestedDriver } from './drivers.ts';
import { MongoInstallation, RETENTION } from './installation.ts';
import type { TestServer } from './server.ts';
import { newName, type SpareDatabases } from './spare-databases.ts';

/**
 * What the conformance suite needs to know of a MongoDB store on a driver and a server; without a server it only names
 * the clauses that are skipped.
 *
 * @param databases - spare databases of the server, by the same driver
 */
export function mongoHarness(
  driver: TestedDriver,
  found: TestServer | null,
  databases: SpareDatabases | null,
): StoreHarness<MongoInstallation> {
  const server = found as TestServer;
  const spares = databases as SpareDatabases;
  const wakeups = found?.hasChangeStreams === true ? (['wakeups'] as const) : [];
  return {
    kind: 'store',
    name: `store-mongo on ${found?.title ?? 'no server'} through ${driver.name}`,
    capabilities,
    facets: [
      'transactions',
      'sharing',
      'schema',
      ...wakeups,
      'inspection',
      'recovery',
      'maintenance',
      'inbox',
      'parking',
      'diagnosis',
    ],
    waits: { quietMs: 50, patienceMs: 20_000 },
    manyRows: 3_000,
    isConflict: isTransient,
    async open({ schema }) {
      const place = schema === 'installed' ? 'spare' : 'own';
      const database = place === 'spare' ? await spares.take() : newName();
      return new MongoInstallation({ driver, server, spares, database, prefix: '', place });
    },
    powers: {
      concurrentWriters: true,
      retention: RETENTION,
      async corruptRow(installation, id) {
        const { messages } = collectionsOf(installation.settings.prefix);
        await installation.collection(messages).updateMany({ id }, { $set: { headers: 'no list' } });
      },
      lockKey: (transaction, name) => lockIn(transaction, name),
      async killConnections({ settings }) {
        settings.server.proxy.cut();
      },
      outage: async ({ settings }) => settings.server.proxy.outage(),
      pauseAt: async (installation, verb) => installation.gate.arm(verb),
      wrongClock: async (_, offsetMs) => shiftDate(offsetMs),
      async secondInstallation(installation) {
        installation.alter();
        const second = new MongoInstallation({
          ...installation.settings,
          prefix: 'Second_',
          place: 'foreign',
        });
        const store = await second.connect();
        await store.schema?.apply();
        await store.close();
        return second;
      },
      appendAndDie: ({ settings }, message) =>
        runProgram('append-and-die', [settings.server.url, settings.database, message.id, message.topic]),
      async applyInProcesses(installation, count) {
        installation.alter();
        const parameters = [server.url, installation.settings.database];
        await Promise.all(Array.from({ length: count }, () => runProgram('apply', parameters)));
      },
      async changeSchema(installation) {
        installation.alter();
        await installation.collection('outbox_delayed').dropIndex('by_time');
      },
      async leftovers({ db, settings }) {
        const { names } = collectionsOf(settings.prefix);
        const listed = (await db.listCollections({}, { nameOnly: true }).toArray()) as { name: string }[];
        return listed.map(({ name }) => name).filter((name) => names.includes(name));
      },
    },
  };
}

/** The harness is given a transaction alone, so what began it remembers it. */
function lockIn({ handle }: ApplicationTransaction, name: string): Promise<void> {
  const installation = MongoInstallation.of(handle as object);
  return installation.lock(handle as MongoSession, name);
}

/** Runs a program of `test/programs` to its end, however it ends. */
async function runProgram(name: string, parameters: readonly string[]): Promise<void> {
  const child = fork(fileURLToPath(new URL(`../programs/${name}.mjs`, import.meta.url)), parameters, {
    execArgv: [],
  });
  await once(child, 'exit');
}
