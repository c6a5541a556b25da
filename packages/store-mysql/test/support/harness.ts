import { createHash } from 'node:crypto';
import { type StoreHarness, shiftDate } from '@outrelay/conformance';
import { capabilities } from '../../src/index.ts';
import { tablesOf } from '../../src/tables.ts';
import type { Form, MysqlTransaction } from './applications.ts';
import { MysqlInstallation, RETENTION } from './installation.ts';
import { Place } from './place.ts';
import { runProgram } from './program.ts';
import type { TestedServer } from './servers.ts';

/** A harness, and what ends everything it made. */
export interface EndingHarness extends StoreHarness<MysqlInstallation> {
  end(): Promise<void>;
}

/** What the conformance suite needs to know of a store on a server. */
export function mysqlHarness(server: TestedServer, form: Form): EndingHarness {
  const idle: Place[] = [];
  const made: Place[] = [];

  async function placeFor(schema: 'installed' | 'absent'): Promise<Place> {
    const known = schema === 'installed' ? idle.pop() : undefined;
    if (known !== undefined) return known;
    const place = await Place.make(server);
    made.push(place);
    if (schema === 'installed') await place.install();
    else place.spoilt = true;
    return place;
  }

  return {
    kind: 'store',
    name: `store-mysql on ${server.name}, ${form === 'knex' ? 'knex' : `mysql2 with ${form}`}`,
    capabilities,
    facets: [
      'transactions',
      'sharing',
      'schema',
      'inspection',
      'recovery',
      'maintenance',
      'inbox',
      'parking',
      'diagnosis',
    ],
    async open({ schema }) {
      const place = await placeFor(schema);
      const installation = await MysqlInstallation.make(place, form);
      installation.remove = async () => {
        await installation.leave();
        if (place.spoilt) {
          made.splice(made.indexOf(place), 1);
          await place.remove();
        } else {
          await place.empty();
          idle.push(place);
        }
      };
      return installation;
    },
    async end() {
      await Promise.all(made.map((place) => place.remove()));
    },
    powers: {
      concurrentWriters: true,
      retention: RETENTION,
      async insertRaw({ place, prefix }, { topic, key, payload }) {
        const { messages } = tablesOf(place.database, prefix);
        await place.admin.query(`INSERT INTO ${messages} (topic, message_key, payload) VALUES (?, ?, ?)`, [
          topic,
          key,
          payload,
        ]);
      },
      async corruptRow({ place, prefix }, id) {
        const { messages } = tablesOf(place.database, prefix);
        await place.admin.query(`UPDATE ${messages} SET headers = 'no JSON' WHERE id = ?`, [id]);
      },
      async refuseRow({ place }, id) {
        place.spoilt = true;
        const name = createHash('sha224').update(`${place.database}${id}`).digest('hex');
        await place.run(`DO GET_LOCK('${name}', 0)`);
      },
      async lockKey(transaction, name) {
        await (transaction as MysqlTransaction).lockKey(name);
      },
      async killConnections({ place }) {
        const rows = await place.rows(
          `SELECT id AS id FROM information_schema.PROCESSLIST WHERE db = '${place.database}'`,
        );
        for (const { id } of rows) await place.admin.query(`KILL ${String(id)}`).catch(() => {});
      },
      async outage({ proxy }) {
        await proxy.close();
        return () => proxy.listen();
      },
      // A claim that finds nothing free and a purge that finds nothing old end with a look, and have nothing to commit.
      pauseAt: async ({ proxy }, verb) => proxy.stopNext(verb !== 'claim' && verb !== 'purge'),
      wrongClock: async (_, offsetMs) => shiftDate(offsetMs),
      secondInstallation: (installation) => installation.beside('Second_'),
      appendAndDie: ({ place }, message) =>
        runProgram('append-and-die', [JSON.stringify(place.connection), message.id, message.topic]),
      async applyInProcesses({ place }, count) {
        const connection = JSON.stringify(place.connection);
        await Promise.all(Array.from({ length: count }, () => runProgram('apply', [connection])));
      },
      async changeSchema({ place }) {
        place.spoilt = true;
        await place.run(`DROP INDEX outbox_delayed_id ON \`${place.database}\`.outbox_delayed`);
      },
      async leftovers({ place, prefix }) {
        const rows = await place.rows(
          `SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = '${place.database}'`,
        );
        const { names } = tablesOf(place.database, prefix);
        return rows.map(({ name }) => String(name)).filter((name) => names.includes(name));
      },
    },
  };
}
