import { ALL_TOPICS, type ClaimedMessage, namedTopics } from '@outrelay/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sqliteStore } from '../src/index.ts';
import Database from 'better-sqlite3';
import { fill, openShop } from './support/shop.ts';

const none = { accepted: [], retry: [], dead: [], returned: [] };

/** Every statement that the verbs of a relay prepare, with all kinds of rows there. */
async function statementsOfARelay(): Promise<{ sql: readonly string[]; plan: (sql: string) => string[] }> {
  const shop = await openShop();
  fill(shop, 200, 20);
  const sql = new Set<string>();
  class Recording extends Database {
    override prepare(source: string): never {
      sql.add(source);
      return super.prepare(source) as never;
    }
  }
  const store = sqliteStore({ file: shop.file, driver: Recording });
  onTestFinished(() => store.close());
  const someTopics = namedTopics(['numbered', 'other']);
  for (const topics of [ALL_TOPICS, someTopics]) {
    const token = (topics === ALL_TOPICS ? 'a' : 'b').repeat(32);
    const lease = await store.claim({ token, relay: 'r', leaseMs: 10_000, topics });
    if (lease === null) throw new Error('Nothing was claimed.');
    const read = (): Promise<readonly ClaimedMessage[]> =>
      store.read(lease, { messages: 30, bytes: 1_000_000, topics });
    const [one, two, three, ...rest] = (await read()) as [
      ClaimedMessage,
      ClaimedMessage,
      ClaimedMessage,
      ...ClaimedMessage[],
    ];
    await store.settle(lease, {
      accepted: rest,
      retry: [{ message: one, delayMs: 0, error: 'x' }],
      dead: [{ message: two, reason: 'rejected', error: 'x', block: true }],
      returned: [three],
    });
    await store.settle(lease, { ...none, accepted: await read() });
    await store.renew(lease, 10_000);
    await store.release(token);
  }
  return {
    sql: [...sql].filter((source) => /^\s*(SELECT|WITH|UPDATE|DELETE|INSERT)/i.test(source)),
    plan: (source) =>
      (
        shop.db.prepare(`EXPLAIN QUERY PLAN ${source.replaceAll('?', '1')}`).all() as { detail: string }[]
      ).map(({ detail }) => detail),
  };
}

describe('the statements of a relay', () => {
  it('find rows by an index or by their position, however many there are', async () => {
    const { sql, plan } = await statementsOfARelay();
    const scans = sql.flatMap((source) =>
      plan(source)
        // In the order of an index, and ended by a LIMIT or the first hit: that is how a read begins.
        .filter((step) => /^SCAN \w*outbox_/.test(step) && !/USING .*INDEX/.test(step))
        .map((step) => ({ step, source })),
    );
    const unbounded = scans.filter(({ source }) => !/EXISTS|LIMIT/.test(source));
    expect(sql.length).toBeGreaterThan(10);
    expect(unbounded).toEqual([]);
  });

  it('sort nothing but what they have found', async () => {
    const { sql, plan } = await statementsOfARelay();
    const sorts = sql.filter(
      (source) =>
        /FROM main\."outbox_messages"/.test(source) && plan(source).some((s) => s.includes('TEMP B-TREE')),
    );
    expect(sorts).toEqual([]);
  });
});
