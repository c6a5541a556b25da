import { createOutbox, createRelay, type OutboxMessage, type Relay } from '@outrelay/core';
import { type Connection, createConnection } from 'mysql2/promise';
import { afterAll, describe, expect, it } from 'vitest';
import { type MysqlStore, mysqlStore } from '../src/index.ts';
import { Ledger, ledgerTransport } from './support/ledger.ts';
import { Place } from './support/place.ts';
import { SERVERS, type TestedServer } from './support/servers.ts';

const PRODUCERS = 8;
const RELAYS = 3;
const RUN_MS = 30_000;

const places: Place[] = [];
afterAll(() => Promise.all(places.map((place) => place.remove())));

/** What became of the transactions of producers. */
interface Tally {
  committed: number;
  readonly failures: string[];
}

/** A producer as applications write them: at REPEATABLE READ, with a business row beside its messages. */
async function produce(
  place: Place,
  store: MysqlStore,
  name: number,
  goesOn: () => boolean,
  tally: Tally,
): Promise<void> {
  const outbox = createOutbox({ store });
  const { database: _, ...options } = place.connection;
  const connection: Connection = await createConnection(options);
  // A wait of more than a second for a lock ends as error 1205.
  await connection.query('SET SESSION innodb_lock_wait_timeout = 1');
  await connection.query('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ');
  for (let round = 0; goesOn(); round++) {
    try {
      await connection.beginTransaction();
      await connection.query(`INSERT INTO \`${place.database}\`.orders (producer, round) VALUES (?, ?)`, [
        name,
        round,
      ]);
      const messages = Array.from({ length: 1 + (round % 5) }, (_unused, at): OutboxMessage => {
        const key = `${name}-${(round + at) % 7}`;
        const availableAt = round % 11 === 0 ? { availableAt: new Date(Date.now() + 300) } : {};
        return { topic: `topic.${at % 3}`, key, payload: { round, at }, ...availableAt };
      });
      await outbox.append(connection, messages);
      await connection.commit();
      tally.committed++;
    } catch (error) {
      tally.failures.push(String(error));
      await connection.rollback();
    }
    // Now and then nothing is produced until the relays have emptied the table, which is where gap locks stand.
    if (name === 0 && round % 200 === 199) await untilEmpty(place, goesOn);
  }
  await connection.end();
}

async function untilEmpty(place: Place, goesOn: () => boolean): Promise<void> {
  for (let left = 1; left > 0 && goesOn(); ) {
    const [row] = await place.rows(`SELECT COUNT(*) AS left_over FROM \`${place.database}\`.outbox_messages`);
    left = Number(row?.['left_over']);
  }
}

function relays(place: Place, stores: MysqlStore[]): Relay[] {
  let turn = 0;
  return Array.from({ length: RELAYS }, (_, at) => {
    const store = mysqlStore({ connection: place.connection, historyRetentionMs: 1_000 });
    stores.push(store);
    // Some fail once and some for good, so that every verb and every table has its part.
    const transport = ledgerTransport(new Ledger(), () => {
      turn++;
      if (turn % 50 === 0) return { status: 'failed', error: new Error('not this time') };
      if (turn % 301 === 0) return { status: 'rejected', error: new Error('never') };
      return undefined;
    });
    return createRelay({
      store,
      transport,
      name: `relay-${at}`,
      leaseMs: 1_000,
      purgeIntervalMs: 1_000,
      retry: { minDelayMs: 50, maxDelayMs: 200 },
    });
  });
}

async function prove(server: TestedServer): Promise<Tally> {
  const place = await Place.make(server);
  places.push(place);
  await place.install();
  await place.run(
    `CREATE TABLE \`${place.database}\`.orders (id BIGINT AUTO_INCREMENT PRIMARY KEY, producer INT, round INT)`,
  );
  const store = mysqlStore({ connection: place.connection });
  const stores = [store];
  const running = relays(place, stores);
  for (const relay of running) relay.start();
  const end = performance.now() + RUN_MS;
  const goesOn = (): boolean => performance.now() < end;
  const tally: Tally = { committed: 0, failures: [] };
  await Promise.all(
    Array.from({ length: PRODUCERS }, (_, name) => produce(place, store, name, goesOn, tally)),
  );
  await Promise.all(running.map((relay) => relay.stop({ timeoutMs: 10_000 })));
  await Promise.all(stores.map((each) => each.close()));
  return tally;
}

describe.skipIf(SERVERS.length === 0)(
  `${PRODUCERS} producers at REPEATABLE READ beside ${RELAYS} relays, for ${RUN_MS / 1_000} s`,
  () => {
    it.concurrent.each(SERVERS)(
      'meet no deadlock and no lock wait of a second on $name',
      async (server) => {
        const { committed, failures } = await prove(server);
        expect(failures).toEqual([]);
        expect(committed).toBeGreaterThan(PRODUCERS);
      },
      RUN_MS * 4,
    );
  },
);
