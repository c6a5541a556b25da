import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { Shop } from '../support/shop.ts';

const FRESH = ['--from', 'sqlite:fresh.db'];

describe('migrate', () => {
  it('plans, applies and compares', async () => {
    const shop = await Shop.open();
    expect(await shop.run(['migrate', 'status', ...FRESH])).toEqual({
      code: 1,
      stdout: 'There are no outbox tables in sqlite:fresh.db. Create them: outrelay migrate apply\n',
      stderr: '',
    });
    const plan = await shop.run(['migrate', 'plan', ...FRESH]);
    expect(plan.stdout).toMatch(
      /^1 step to take in sqlite:fresh\.db:\n {5}1 {2}\S.* {2}\(\d+ statements?\)\n$/,
    );
    const apply = await shop.run(['migrate', 'apply', ...FRESH]);
    expect(apply.stdout).toBe(plan.stdout.replace('to take', 'taken'));
    expect(await shop.run(['migrate', 'apply', ...FRESH])).toMatchObject({
      code: 0,
      stdout: 'Nothing to do: the outbox tables in sqlite:fresh.db are up to date.\n',
    });
    expect(await shop.run(['migrate', 'status', ...FRESH])).toMatchObject({
      code: 0,
      stdout: 'Version 1 is installed in sqlite:fresh.db: up to date.\n',
    });
    const json = await shop.run(['migrate', 'status', ...FRESH, '--json']);
    expect(JSON.parse(json.stdout)).toEqual({ installed: 1, latest: 1, compatible: true, drift: [] });
  });

  it('writes SQL that creates the same tables by other means', async () => {
    const shop = await Shop.open();
    const { stdout } = await shop.run(['migrate', 'plan', '--sql', '--from', 'sqlite:new.db']);
    expect(stdout).toMatch(/^-- 1: /);
    const db = new Database(':memory:');
    db.exec(stdout);
    const tables = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all();
    db.close();
    expect(tables).toEqual(
      expect.arrayContaining(['outbox_messages', 'outbox_dead_letters', 'inbox_receipts']),
    );
  });

  it('reports what was changed by hand', async () => {
    const shop = await Shop.open();
    shop.execute('DROP INDEX outbox_messages_topic');
    const { code, stdout } = await shop.run(['migrate', 'status']);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^Version 1 is installed in sqlite:shop\.db: up to date\.\nDifferences from what this version should look like:\n {2}[^]*outbox_messages_topic/,
    );
  });
});
