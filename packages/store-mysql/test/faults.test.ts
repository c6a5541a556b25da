import { createOutbox, createRelay, type OutboxError, type Relay, type RelayEvent } from '@outrelay/core';
import { note, type ServerInstance, startMariadb, startMysql, until } from '@outrelay/servers';
import { createConnection } from 'mysql2/promise';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type MysqlStore, mysqlStore } from '../src/index.ts';
import { Ledger, ledgerTransport } from './support/ledger.ts';
import { Place } from './support/place.ts';
import { SERVERS, serverAt, type TestedServer } from './support/servers.ts';

const KEYS = 60;
const ROUNDS = 40;
const MESSAGES = KEYS * ROUNDS;
const RELAYS = 3;

type Starter = () => Promise<ServerInstance<readonly string[]>>;

/** Servers of this file's own, which it may kill and configure, where the run has such a server at all. */
const OWN: readonly (readonly [name: TestedServer['name'], start: Starter])[] = (
  [
    ['MySQL', startMysql],
    ['MariaDB', startMariadb],
  ] as const
).filter(([name]) => SERVERS.some((server) => server.name === name));

describe.each(OWN)('a drain with three relays on %s', (name, start) => {
  let instance: ServerInstance<readonly string[]>;
  let place: Place;

  beforeAll(async () => {
    instance = await start();
    note({ kind: 'server', server: name, version: instance.version });
    await makePlace();
  }, 60_000);

  afterAll(async () => {
    await place.admin.end().catch(() => {});
    await instance.remove();
  });

  beforeEach(() => place.empty());

  /** The stores work as a user without privileges: administrators may write where others may not. */
  async function makePlace(): Promise<void> {
    const root = serverAt(name, instance.url);
    const made = await Place.make(root);
    await made.install();
    await made.run(
      `CREATE USER 'relay'@'%' IDENTIFIED BY 'secret'; GRANT ALL ON \`${made.database}\`.* TO 'relay'@'%'`,
    );
    place = made;
  }

  const storeOf = (): MysqlStore =>
    mysqlStore({ connection: { ...place.connection, user: 'relay', password: 'secret' } });

  async function append(): Promise<void> {
    const store = storeOf();
    const outbox = createOutbox({ store });
    const connection = await createConnection(place.connection);
    for (let number = 0; number < ROUNDS; number++) {
      await connection.beginTransaction();
      await outbox.append(
        connection,
        Array.from({ length: KEYS }, (_, key) => ({
          topic: 'fault',
          key: `k${key}`,
          headers: { number: String(number) },
        })),
      );
      await connection.commit();
    }
    await connection.end();
    await store.close();
  }

  /** Drains everything while `disturb` runs as soon as a part has been delivered. */
  async function drain(disturb: () => Promise<void>): Promise<{ ledger: Ledger; events: RelayEvent[] }> {
    await append();
    const ledger = new Ledger();
    const events: RelayEvent[] = [];
    const stores: MysqlStore[] = [];
    const relays: Relay[] = Array.from({ length: RELAYS }, (_, at) => {
      const store = storeOf();
      stores.push(store);
      return createRelay({
        store,
        transport: ledgerTransport(ledger),
        name: `relay-${at}`,
        leaseMs: 2_000,
        batch: { messages: 20 },
        onEvent: (event) => events.push(event),
      });
    });
    for (const relay of relays) relay.start();
    await until('a part is delivered', () => expect(ledger.delivered).toBeGreaterThan(MESSAGES / 10));
    await disturb();
    await until(
      'everything is delivered and settled',
      async () => {
        expect(ledger.delivered).toBe(MESSAGES);
        const [row] = await place.rows(
          `SELECT (SELECT COUNT(*) FROM \`${place.database}\`.outbox_messages) + (SELECT COUNT(*) FROM \`${place.database}\`.outbox_delayed) AS left_over`,
        );
        expect(Number(row?.['left_over'])).toBe(0);
      },
      () => null,
      60_000,
    );
    await Promise.all(relays.map((relay) => relay.stop({ timeoutMs: 10_000 })));
    await Promise.all(stores.map((store) => store.close()));
    return { ledger, events };
  }

  function expectOrder(ledger: Ledger): void {
    const inOrder = Array.from({ length: ROUNDS }, (_, number) => number);
    expect(ledger.firsts.size).toBe(KEYS);
    for (const numbers of ledger.firsts.values()) expect(numbers).toEqual(inOrder);
  }

  const failures = (events: readonly RelayEvent[]): readonly OutboxError[] =>
    events.flatMap((event) => (event.type === 'store-failed' ? [event.error as OutboxError] : []));

  /** The failures of a store that have another code, whole, so that a report says what they were. */
  const others = (
    events: readonly RelayEvent[],
    ...codes: readonly OutboxError['code'][]
  ): readonly OutboxError[] => failures(events).filter((error) => !codes.includes(error.code));

  it('loses nothing and keeps the order when the server is killed and comes back', async () => {
    const { ledger, events } = await drain(async () => {
      await instance.kill();
      await instance.start();
      await place.reconnect();
    });
    expectOrder(ledger);
    expect(others(events, 'STORE_UNAVAILABLE')).toEqual([]);
    expect(failures(events)).not.toEqual([]);
  }, 120_000);

  it('loses nothing and keeps the order when connections are killed one by one', async () => {
    let killed = 0;
    const { ledger, events } = await drain(async () => {
      for (let round = 0; round < 5; round++) {
        const rows = await place.rows(
          "SELECT id AS id FROM information_schema.PROCESSLIST WHERE user = 'relay'",
        );
        for (const { id } of rows) {
          await place.run(`KILL ${String(id)}`).then(
            () => killed++,
            () => {},
          );
        }
      }
    });
    expect(killed).toBeGreaterThan(0);
    expectOrder(ledger);
    expect(others(events, 'STORE_UNAVAILABLE')).toEqual([]);
  }, 120_000);

  it('waits while the server takes no writes, as a replica does, and goes on afterwards', async () => {
    const { ledger, events } = await drain(async () => {
      await place.run('SET GLOBAL read_only = ON');
      try {
        const store = storeOf();
        await until('a store says so', async () => {
          const token = 'f'.repeat(32);
          await expect(store.release(token)).rejects.toMatchObject({
            code: 'STORE_READ_ONLY',
            retryable: true,
          });
        });
        await store.close();
      } finally {
        await place.run('SET GLOBAL read_only = OFF');
      }
    });
    expectOrder(ledger);
    // The server holds commits up while it changes its mode, so that a call may run out of time.
    expect(others(events, 'STORE_READ_ONLY', 'STORE_UNAVAILABLE')).toEqual([]);
  }, 120_000);

  it('waits while there are too many connections', async () => {
    await place.run("ALTER USER 'relay'@'%' WITH MAX_USER_CONNECTIONS 3");
    try {
      const { ledger, events } = await drain(async () => {
        await place.run("ALTER USER 'relay'@'%' WITH MAX_USER_CONNECTIONS 0");
      });
      expectOrder(ledger);
      expect(others(events, 'STORE_UNAVAILABLE')).toEqual([]);
      expect(failures(events)).not.toEqual([]);
    } finally {
      await place.run("ALTER USER 'relay'@'%' WITH MAX_USER_CONNECTIONS 0");
    }
  }, 120_000);
});
