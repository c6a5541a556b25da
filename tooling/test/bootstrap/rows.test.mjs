import { describe, expect, it } from 'vitest';
import { makeRow, sumRows } from '../../bootstrap/rows.mjs';
import { formatTable } from '../../bootstrap/table.mjs';

const GOOD = { passed: 5, failed: 0, skipped: 0, notes: [], failures: [], problems: [] };

/** @type {import('@outrelay/servers').Search} */
const FOUND = {
  status: 'found',
  name: 'redis',
  title: 'Redis',
  url: 'redis://user:hunter2@127.0.0.1:6379',
  version: '7.0.15',
  origin: 'listening on 127.0.0.1:6379',
  remove: () => Promise.resolve(),
};

/** @type {import('@outrelay/servers').Search} */
const MISSING = {
  status: 'missing',
  name: 'mysql',
  title: 'MySQL',
  why: 'nothing listens',
  remedy: 'Start one.',
};

describe('makeRow', () => {
  it('says what the suite ran on, without passwords', () => {
    const row = makeRow('transport-redis', GOOD, [FOUND], []);
    expect(row).toMatchObject({ passed: 5, failed: 0, why: [] });
    expect(row.server).toBe('Redis 7.0.15 (listening on 127.0.0.1:6379)');
    expect(JSON.stringify(row)).not.toContain('hunter2');
  });

  it('lists servers of the suite itself, each version once, in numeric order', () => {
    /** @type {import('@outrelay/servers').Note[]} */
    const notes = ['18.4', '9.6', '18.4'].map((version) => ({
      kind: 'server',
      server: 'PostgreSQL',
      version,
    }));
    expect(makeRow('servers', { ...GOOD, notes }, [], []).server).toBe('PostgreSQL 9.6 18.4');
  });

  it('skips a missing server with its remedy, and fails where it is required', () => {
    const skipped = makeRow('store-mysql', { ...GOOD, skipped: 4 }, [MISSING], ['redis']);
    expect(skipped).toMatchObject({ failed: 0, skipped: 4, why: ['skipped: no MySQL. Start one.'] });
    expect(makeRow('store-mysql', GOOD, [MISSING], ['mysql']).failed).toBe(1);
    expect(makeRow('store-mysql', GOOD, [MISSING], 'all')).toMatchObject({
      failed: 1,
      why: ['required: no MySQL. Start one.'],
    });
  });

  it('wants a reason for skipped tests, and fails without one where everything is required', () => {
    const silent = { ...GOOD, skipped: 2 };
    expect(makeRow('core', silent, [], [])).toMatchObject({ failed: 0, why: ['skipped without a reason'] });
    expect(makeRow('core', silent, [], 'all').failed).toBe(1);
    /** @type {import('@outrelay/servers').Note[]} */
    const notes = [{ kind: 'skip', reason: 'no change streams here' }];
    expect(makeRow('core', { ...silent, notes }, [], 'all')).toMatchObject({
      failed: 0,
      why: ['skipped: no change streams here'],
    });
  });
});

describe('the table', () => {
  it('sums, and puts reasons below their row', () => {
    const rows = [
      makeRow('core', GOOD, [], []),
      makeRow('store-mysql', { ...GOOD, failed: 2, failures: ['a.test.ts: b; c'], problems: ['d'] }, [], []),
    ];
    expect(sumRows(rows)).toEqual({ passed: 10, failed: 2, skipped: 0 });
    expect(formatTable(rows).split('\n').slice(2)).toEqual([
      'core              5       0        0  none',
      'store-mysql       5       2        0  none',
      '  ↳ failed: a.test.ts: b; c',
      '  ↳ d',
    ]);
  });
});
