import { randomUUID } from 'node:crypto';
import { ALL_TOPICS, type ClaimedMessage, createOutbox, type NewMessage } from '@outrelay/core';
import { serverUrl, until } from '@outrelay/servers';
import type pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type PostgresStore, postgresStore } from '../src/index.ts';
import { type TestDatabase, testDatabase } from './support/database.ts';
import { PostgresInstallation } from './support/installation.ts';
import { pauseAt } from './support/pause.ts';

const LEASE_MS = 30_000;
const token = (): string => randomUUID().replaceAll('-', '');
const REQUEST = { messages: 100, bytes: 1_000_000, topics: ALL_TOPICS };

/** Each test is one race that a reviewer of the SQL would ask about, decided by locks and not by luck. */
describe.skipIf(serverUrl('postgres') === undefined)('races', () => {
  let database: TestDatabase;
  let installation: PostgresInstallation;
  let store: PostgresStore;
  let other: PostgresStore;
  let appended = 0;

  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database.remove());
  beforeEach(async () => {
    installation = new PostgresInstallation({
      database,
      schema: `races ${randomUUID()}`,
      prefix: '',
      options: {},
    });
    store = postgresStore({ pool: database.admin, schema: installation.settings.schema });
    other = installation.connect() as PostgresStore;
    await store.schema.apply();
  });
  afterEach(async () => {
    await other.close();
    await installation.remove();
  });

  const message = (fields: Partial<NewMessage> = {}): NewMessage => ({
    id: `m${++appended}`,
    topic: 't',
    key: 'k',
    headers: {},
    payload: '{}',
    contentType: 'application/json',
    availableAt: null,
    ordering: 'key',
    ...fields,
  });
  const append = async (...messages: readonly NewMessage[]): Promise<void> => {
    await store.transactions.run(async (tx) => {
      await store.append(tx, messages, { autocommit: false });
    });
  };
  const claim = (from: PostgresStore, relay: string) =>
    from.claim({ token: token(), relay, leaseMs: LEASE_MS, topics: ALL_TOPICS });
  const accepted = (messages: readonly ClaimedMessage[]) => ({
    accepted: messages,
    retry: [],
    dead: [],
    returned: [],
  });
  const hold = async (from: PostgresStore = store) => {
    const lease = await claim(from, 'holder');
    if (lease === null) throw new Error('nothing was claimed');
    return lease;
  };
  /** Waits until some statement on the installation's rows waits for a lock. */
  const someoneWaits = (): Promise<void> =>
    until('somebody to wait for a lock', async () => {
      const { rowCount } = await database.admin.query(
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND application_name LIKE 'store %'",
      );
      if (rowCount === 0) throw new Error('nobody waits');
    });

  it('a claim that waits for a renewal under way sees it, and leaves the lease alone', async () => {
    await append(message());
    const lease = await hold();
    await installation.elapse(LEASE_MS + 1);
    const pause = await pauseAt(installation, 'renew');
    const renewal = store.renew(lease, LEASE_MS);
    await pause.reached;
    // The lease has ended by all that is committed; only the lock tells of the renewal.
    const claiming = claim(other, 'relay-2');
    await someoneWaits();
    pause.resume();
    expect(await renewal).not.toBeNull();
    expect(await claiming).toBeNull();
    expect(await store.read(lease, REQUEST)).toHaveLength(1);
  });

  it('a renewal that waits for a take-over under way is refused as a whole', async () => {
    await append(message());
    const lease = await hold();
    await installation.elapse(LEASE_MS + 1);
    const pause = await pauseAt(installation, 'claim');
    const claiming = claim(store, 'relay-2');
    await pause.reached;
    const renewal = other.renew(lease, LEASE_MS);
    await someoneWaits();
    pause.resume();
    expect(await claiming).not.toBeNull();
    expect(await renewal).toBeNull();
  });

  it('a settle that waits for a take-over under way changes nothing', async () => {
    await append(message(), message());
    const lease = await hold();
    const messages = await store.read(lease, REQUEST);
    await installation.elapse(LEASE_MS + 1);
    const pause = await pauseAt(installation, 'claim');
    const claiming = claim(store, 'relay-2');
    await pause.reached;
    const settling = other.settle(lease, accepted(messages));
    await someoneWaits();
    pause.resume();
    const taken = await claiming;
    expect((await settling).lost).toEqual(messages.map(({ id }) => id));
    expect(await store.read(taken as NonNullable<typeof taken>, REQUEST)).toHaveLength(2);
  });

  it('a take-over that waits for a settle under way reads what is left after it', async () => {
    await append(message(), message());
    const lease = await hold();
    const messages = await store.read(lease, { ...REQUEST, messages: 1 });
    await installation.elapse(LEASE_MS + 1);
    const pause = await pauseAt(installation, 'settle');
    const settling = store.settle(lease, accepted(messages));
    await pause.reached;
    const claiming = claim(other, 'relay-2');
    await someoneWaits();
    pause.resume();
    expect((await settling).settled).toBe(1);
    const taken = await claiming;
    expect(await other.read(taken as NonNullable<typeof taken>, REQUEST)).toHaveLength(1);
  });

  it('relays that claim at the same instant share no partition', async () => {
    for (let round = 0; round < 5; round++) {
      await append(...Array.from({ length: 40 }, (_, at) => message({ key: `k${at}` })));
      const leases = await Promise.all([
        claim(store, 'a'),
        claim(other, 'b'),
        claim(store, 'c'),
        claim(other, 'd'),
      ]);
      const held = leases.flatMap(
        (lease) => (lease?.state as { partitions: number[] } | undefined)?.partitions ?? [],
      );
      expect(new Set(held).size).toBe(held.length);
      for (const lease of leases) if (lease !== null) await store.release(lease.token);
    }
  });

  describe('a transaction that drew an early position and commits late', () => {
    /** Drains again and again, for long enough that floors rise as far as they may. */
    async function drainMuch(lease: Awaited<ReturnType<typeof hold>>): Promise<string[]> {
      const ids: string[] = [];
      for (let round = 0; round < 6; round++) {
        await append(message({ key: 'elsewhere' }), message({ key: null }));
        const read = await store.read(lease, REQUEST);
        ids.push(...read.map(({ id }) => id));
        await store.settle(lease, accepted(read));
        await new Promise((resolve) => setTimeout(resolve, 120));
      }
      return ids;
    }

    it.each(['inserted', 'in a subtransaction', 'prepared', 'waiting for an id'] as const)(
      '%s: is read, before what came after it',
      async (how) => {
        await append(message({ key: 'first' }));
        const lease = await hold();
        const late = message({
          key: 'guarded',
          ...(how === 'waiting for an id' ? { id: 'wanted by two' } : {}),
        });
        const client: pg.PoolClient = await database.admin.connect();
        const blocker: pg.PoolClient = await database.admin.connect();
        onTestFinished(() => {
          client.release(true);
          blocker.release(true);
        });
        let pending: Promise<unknown> = Promise.resolve();
        await client.query('BEGIN');
        if (how === 'in a subtransaction') await client.query('SAVEPOINT a');
        if (how === 'waiting for an id') {
          // Its position is drawn, and it has no transaction number yet: a proof by numbers would miss it.
          await blocker.query('BEGIN');
          await store.append(blocker, [message({ id: 'wanted by two', key: 'x' })], { autocommit: false });
          pending = store.append(client, [late], { autocommit: false });
        } else {
          await store.append(client, [late], { autocommit: false });
        }
        if (how === 'in a subtransaction') await client.query('RELEASE SAVEPOINT a');
        const prepares = how === 'prepared' && (await canPrepare());
        if (prepares) await client.query(`PREPARE TRANSACTION 'late ${installation.name}'`);
        await drainMuch(lease);
        if (how === 'waiting for an id') {
          await blocker.query('ROLLBACK');
          await pending;
        }
        await client.query(prepares ? `COMMIT PREPARED 'late ${installation.name}'` : 'COMMIT');
        const next = message({ key: 'guarded' });
        await append(next);
        const read = await store.read(lease, REQUEST);
        expect(read.filter(({ key }) => key === 'guarded').map(({ id }) => id)).toEqual([late.id, next.id]);
      },
    );

    async function canPrepare(): Promise<boolean> {
      const { rows } = await database.admin.query<{ max: string }>(
        "SELECT current_setting('max_prepared_transactions') AS max",
      );
      return Number(rows[0]?.max) > 0;
    }
  });

  it('positions that begin again, because the table was truncated, are read', async () => {
    await append(message(), message());
    const lease = await hold();
    for (let round = 0; round < 3; round++) {
      await store.settle(lease, accepted(await store.read(lease, REQUEST)));
      await new Promise((resolve) => setTimeout(resolve, 120));
    }
    await database.admin.query(`TRUNCATE ${installation.tables.messages} RESTART IDENTITY`);
    await append(message(), message());
    expect(await store.read(lease, REQUEST)).toHaveLength(2);
  });

  it('no order of locks lets verbs deadlock', async () => {
    const outbox = createOutbox({ store });
    const stop = new AbortController();
    const failures: unknown[] = [];
    const again = async (work: () => Promise<unknown>): Promise<void> => {
      while (!stop.signal.aborted) await work().catch((error: unknown) => failures.push(error));
    };
    const relay = async (from: PostgresStore, name: string): Promise<void> => {
      const lease = await claim(from, name);
      if (lease === null) return;
      for (let reads = 0; reads < 3; reads++) {
        const messages = await from.read(lease, { ...REQUEST, messages: 20 });
        const [first, second, ...rest] = messages;
        await from.settle(lease, {
          accepted: rest,
          retry: first === undefined ? [] : [{ message: first, delayMs: 1, error: 'again' }],
          dead:
            second === undefined ? [] : [{ message: second, reason: 'rejected', error: 'no', block: true }],
          returned: [],
        });
        const report = await from.renew(lease, LEASE_MS);
        if (report?.wanted === true) await from.sharing.handOver(lease);
        else await from.sharing.widen(lease, { relay: name, leaseMs: LEASE_MS });
      }
      await from.release(lease.token);
    };
    const work = [
      again(() => relay(store, 'a')),
      again(() => relay(other, 'b')),
      again(() => store.recovery.redrive({}, 5)),
      again(() => other.recovery.discard({}, 3)),
      again(() => store.maintenance.purge({ limit: 10 })),
      again(() =>
        store.transactions.run(async (tx) => {
          const key = `k${Math.floor(Math.random() * 5)}`;
          await outbox.append(tx, [
            { topic: 't', key },
            { topic: 'u', key, availableAt: new Date() },
            { topic: 'u', key },
          ]);
        }),
      ),
    ];
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    stop.abort();
    await Promise.all(work);
    expect(failures.map(String)).toEqual([]);
  });
});
