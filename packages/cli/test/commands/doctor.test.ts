import { writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { ALL_TOPICS } from '@outrelay/core';
import { sqliteStore } from '@outrelay/store-sqlite';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { startReceiver } from '../support/receiver.ts';
import { Shop } from '../support/shop.ts';

interface Report {
  readonly faults: number;
  readonly warnings: number;
  readonly sections: readonly {
    readonly of: string;
    readonly findings: readonly { readonly check: string; readonly verdict: string; readonly seen: string }[];
  }[];
}

async function examined(
  shop: Shop,
  ...args: readonly string[]
): Promise<{ code: number | null; report: Report }> {
  const { code, stdout } = await shop.run(['doctor', '--json', ...args]);
  return { code, report: JSON.parse(stdout) as Report };
}

function complaints({ sections }: Report): Readonly<Record<string, string>> {
  const bad = sections.flatMap(({ findings }) => findings.filter(({ verdict }) => verdict !== 'good'));
  return Object.fromEntries(bad.map(({ check, verdict }) => [check, verdict]));
}

describe('doctor', () => {
  it('says that all is well', async () => {
    const shop = await Shop.open();
    const receiver = await startReceiver();
    const { code, stdout, stderr } = await shop.run(['doctor', '--to', receiver.url]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^this program\n {2}✓ node +Node\.js .*\n\nstore sqlite:shop\.db\n/);
    expect(stdout).toMatch(/\n {2}✓ journal-mode {2}wal\n/);
    expect(stdout).toMatch(
      /\ntransport http:.*\n {2}✓ answers +in .*\n\nAll is well: \d+ checks, nothing to do\.\n$/,
    );
    expect(receiver.ids).toEqual([]);
  });

  it('says what to do about what is not, and exits with 1', async () => {
    const shop = await Shop.open();
    const { code, stdout } = await shop.run(['doctor', '--from', 'sqlite:fresh.db']);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /\n {2}✗ schema +there are no outbox tables\n +should be {2}tables of version 1\n +do {9}outrelay migrate apply\n/,
    );
    expect(stdout).toMatch(/\n1 fault, \d+ good\.\n$/);
    expect((await shop.run(['migrate', 'status', '--from', 'sqlite:fresh.db'])).stdout).toMatch(
      /^There are no/,
    );
  });

  it('finds topics without a route, dead letters, a lag and drift', async () => {
    const shop = await Shop.open();
    const refusing = await startReceiver(() => 400);
    shop.append('order.placed', '1', '{}');
    await shop.run(['run', '--once', '--quiet', '--to', refusing.url]);
    shop.append('order.shipped', '1', '{}');
    shop.execute('UPDATE outbox_messages SET created_at = created_at - 3600000');
    shop.execute('CREATE INDEX by_hand ON outbox_messages (topic, message_key)');
    const { code, report } = await examined(shop, '--route', 'order.placed=stdout:');
    expect(code).toBe(1);
    expect(complaints(report)).toEqual({
      routes: 'fault',
      'dead-letters': 'warning',
      backlog: 'warning',
      drift: 'warning',
    });
    expect(report).toMatchObject({ faults: 1, warnings: 3 });
  });

  it('finds a lease of a process of this machine that is gone', async () => {
    const shop = await Shop.open();
    shop.append('order.placed', '1', '{}');
    const gone = shop.start(['--version']);
    await gone.finished;
    const store = sqliteStore({ file: shop.file, driver: Database });
    const relay = `${hostname()}:${gone.child.pid}`;
    await store.claim({ token: 'a'.repeat(32), relay, leaseMs: 60_000, topics: ALL_TOPICS });
    const { code, report } = await examined(shop);
    await store.close();
    expect([code, complaints(report)]).toEqual([0, { relays: 'warning' }]);
  });

  it('exits with 3 when the broker does not answer', async () => {
    const shop = await Shop.open();
    const { code, report } = await examined(shop, '--to', 'http://127.0.0.1:1/hook');
    expect([code, complaints(report)]).toEqual([3, { answers: 'fault' }]);
  });

  it('says of a store without a log that it cannot be pushed', async () => {
    const shop = await Shop.open();
    const { code, report } = await examined(shop, '--push');
    expect([code, complaints(report)]).toEqual([1, { log: 'fault' }]);
  });

  it('reports a file that is no database as a fault', async () => {
    const shop = await Shop.open();
    writeFileSync(`${shop.folder}/text.db`, 'x'.repeat(8_192));
    const { code, report } = await examined(shop, '--from', 'sqlite:text.db');
    expect([code, complaints(report)]).toEqual([1, { answers: 'fault' }]);
  });
});
