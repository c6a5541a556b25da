import { randomUUID } from 'node:crypto';
import { ALL_TOPICS, type ClaimedMessage, namedTopics } from '@outrelay/core';
import { serverUrl } from '@outrelay/servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PgClient } from '../src/client.ts';
import { postgresStore } from '../src/index.ts';
import { tablesOf } from '../src/tables.ts';
import { type TestDatabase, testDatabase } from './support/database.ts';

const tables = tablesOf('outrelay', '');
/** Enough that a plan that walks through them shows, and few enough to be made in seconds. */
const ROWS = 100_000;

describe.skipIf(serverUrl('postgres') === undefined)('plans of the statements of a relay', () => {
  let database: TestDatabase;
  /** Plans of what the store sent since they were last asked for. */
  let plans: string[] = [];

  /** A pool whose connections explain every look before they send it. */
  function explainingPool(): never {
    return {
      get totalCount() {
        return database.admin.totalCount;
      },
      async connect() {
        const client = (await database.admin.connect()) as unknown as PgClient & {
          release(failure?: unknown): void;
        };
        return {
          async query(query: { text: string }) {
            // What changes something must not be sent twice.
            if (!query.text.includes('READ ONLY')) return client.query(query);
            for (const statement of query.text.split('; ')) {
              const isQuery = /^\(?(?:SELECT|WITH)/.test(statement);
              const explain = isQuery ? 'EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF) ' : '';
              const { rows } = (await client.query({ text: explain + statement })) as {
                rows: Record<string, string>[];
              };
              if (explain !== '')
                plans.push(`${statement}\n${rows.map((row) => row['QUERY PLAN']).join('\n')}`);
            }
            // The settings of the transaction have ended with it; the plain script follows.
            return client.query(query);
          },
          escapeLiteral: (value: string) => client.escapeLiteral(value),
          on: () => undefined,
          removeListener: () => undefined,
          release: (failure?: unknown) => client.release(failure),
        };
      },
    } as never;
  }

  const store = () => postgresStore({ pool: explainingPool() });
  const fill = (count: number, topic = "'t' || n % 3"): Promise<unknown> =>
    database.admin.query(
      `INSERT INTO ${tables.messages} (topic, message_key, payload) SELECT ${topic}, 'k' || n % 1000, '{}' FROM generate_series(1, $1) AS n`,
      [count],
    );
  const run = (sql: string): Promise<unknown> => database.admin.query(sql);

  /** Claims, reads and gives back; answers with what was read and the rows that plans went through at most. */
  async function look(
    topics = ALL_TOPICS,
  ): Promise<{ read: readonly ClaimedMessage[]; plans: readonly string[] }> {
    const relay = store();
    const token = randomUUID().replaceAll('-', '');
    const request = { messages: 100, bytes: 1_000_000, topics };
    const lease = await relay.claim({ token, relay: 'plans', leaseMs: 30_000, topics });
    const read = lease === null ? [] : await relay.read(lease, request);
    // The first read of a process learns which topics there are; the second is how all others are.
    plans = [];
    if (lease !== null) await relay.read(lease, request);
    await relay.release(token);
    await relay.claim({ token: randomUUID().replaceAll('-', ''), relay: 'plans', leaseMs: 1, topics });
    await relay.release(token);
    await relay.close();
    await run(`UPDATE ${tables.partitions} SET released = true`);
    return { read, plans };
  }

  /** No plan reads a table as a whole, sorts more than a read, or goes through more than some thousand pages. */
  function expectProbes(found: readonly string[]): void {
    expect(found.length).toBeGreaterThan(0);
    for (const plan of found) {
      expect(plan).not.toMatch(/Seq Scan on outbox_(messages|delayed|dead_letters|history)/);
      const pages = [...plan.matchAll(/shared hit=(\d+)(?: read=(\d+))?/g)].map(
        ([, hit, read]) => Number(hit) + Number(read ?? 0),
      );
      expect(Math.max(0, ...pages), plan).toBeLessThan(5_000);
    }
  }

  beforeAll(async () => {
    database = await testDatabase();
    await postgresStore({ pool: database.admin }).schema.apply();
  });
  afterAll(() => database.remove());

  it('probe indexes on an empty table, before and after it was analysed', async () => {
    const before = await look(namedTopics(['t0', 't1']));
    expect(before.read).toEqual([]);
    expectProbes(before.plans);
    await run(`VACUUM ANALYZE ${tables.messages}`);
    expectProbes((await look(namedTopics(['t0', 't1']))).plans);
  });

  it('probe indexes with many pending messages, also when the statistics are those of an empty table', async () => {
    await fill(ROWS);
    const found = await look();
    expect(found.read).toHaveLength(100);
    expectProbes(found.plans);
    await run(`ANALYZE ${tables.messages}`);
    expectProbes((await look(namedTopics(['t1']))).plans);
  });

  it('pass no unrouted message in front', async () => {
    await run(`TRUNCATE ${tables.messages}`);
    await fill(ROWS, "'unrouted'");
    await fill(200, "'routed'");
    const found = await look(namedTopics(['routed']));
    expect(found.read).toHaveLength(100);
    expectProbes(found.plans);
  });

  it('pass no scheduled and no blocked message in front', async () => {
    await run(`TRUNCATE ${tables.messages}, ${tables.delayed}`);
    await run(
      `INSERT INTO ${tables.delayed} (position, id, topic, message_key, content_type, created_at, available_at, attempts, redrives, blocks, headers) SELECT n, 's' || n, 't' || n % 3, 'w' || n % 1000, 'x', now(), CASE WHEN n % 2 = 0 THEN now() + interval '1 day' END, 0, 0, n % 2 = 1, '{}' FROM generate_series(1, ${ROWS}) AS n`,
    );
    await fill(200);
    const found = await look();
    expect(found.read).toHaveLength(100);
    expectProbes(found.plans);
  });

  it('go over dead rows at the head once, although an old snapshot keeps them', async () => {
    await run(`TRUNCATE ${tables.messages}, ${tables.delayed}`);
    await fill(ROWS);
    const reader = await database.admin.connect();
    await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await reader.query(`SELECT count(*) FROM ${tables.versions}`);
    await run(`DELETE FROM ${tables.messages}`);
    await fill(200);
    const relay = store();
    const token = randomUUID().replaceAll('-', '');
    const request = { messages: 100, bytes: 1_000_000, topics: ALL_TOPICS };
    const lease = await relay.claim({ token, relay: 'plans', leaseMs: 30_000, topics: ALL_TOPICS });
    if (lease === null) throw new Error('nothing was claimed');
    for (let reads = 0; reads < 3; reads++) await relay.read(lease, request);
    plans = [];
    expect(await relay.read(lease, request)).toHaveLength(100);
    expectProbes(plans);
    await relay.release(token);
    plans = [];
    const again = await relay.claim({
      token: randomUUID().replaceAll('-', ''),
      relay: 'plans',
      leaseMs: 1,
      topics: ALL_TOPICS,
    });
    expect(again).not.toBeNull();
    expectProbes(plans);
    await reader.query('ROLLBACK');
    reader.release();
    await relay.close();
  });
});
