import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { demo, expectGood } from './demo-run.ts';

describe('the demo', () => {
  it('keeps every promise while the relay is killed and answers come too late', {
    timeout: 300_000,
  }, async () => {
    const ledger = expectGood(await demo('--orders', '60', '--json'));
    expect(ledger['kills']).toEqual({ relay: 2, consumer: null });
    expect(ledger['lateAnswers']).toBeGreaterThan(0);
  });

  it('shows the duplicates of a consumer without inbox as what they are', { timeout: 300_000 }, async () => {
    const { code, stdout, stderr } = await demo('--orders', '60', '--without-inbox', '--keep');
    expect(stderr).toBe('');
    expect(code).toBe(1);
    expect(stdout).toMatch(/✖ applied more than once +[1-9]/);
    expect(stdout).toMatch(/✔ lost +0\n/);
    expect(stdout).toMatch(/\nNot as promised: applied more than once[^\n]*\.\n/);
    const [, folder = ''] = /\nKept:\n[^]*consumer: the file (.+)\/consumer\.db\n/.exec(stdout) ?? [];
    expect(existsSync(join(folder, 'shop.db'))).toBe(true);
    rmSync(folder, { recursive: true });
  });

  it('says what it takes', async () => {
    expect(await demo('--help')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('--without-inbox'),
    });
    expect(await demo('--orders', 'many')).toMatchObject({
      code: 1,
      stderr: '--orders must be a whole number from 1 to 400; got "many".\n',
    });
  });

  it.each([
    [
      ['--from', 'oracle://secret@db/shop'],
      /^--from takes a URL that begins with one of postgres:\/\/, .*mongodb\+srv:\/\/\. Without it /,
    ],
    [
      ['--to', 'http://example.com'],
      /^--to takes a URL that begins with one of redis:\/\/, rediss:\/\/\. Without it /,
    ],
    [
      ['--from', 'postgres://me:secret@127.0.0.1:1/shop?password=secret'],
      /^--from: the demo cannot use postgres:\/\/127\.0\.0\.1:1\/shop: connect ECONNREFUSED 127\.0\.0\.1:1\n$/,
    ],
    [
      ['--from', 'mysql://me:secret@127.0.0.1:1'],
      /^--from: the demo cannot use mysql:\/\/127\.0\.0\.1:1: .*the name of the database/,
    ],
    [
      ['--from', 'mongodb://me:secret@127.0.0.1:1/shop'],
      /^--from: the demo cannot use mongodb:\/\/127\.0\.0\.1:1\/shop: connect ECONNREFUSED/,
    ],
    [
      ['--to', 'redis://:secret@127.0.0.1:1'],
      /^--to: the demo cannot use redis:\/\/127\.0\.0\.1:1: connect ECONNREFUSED 127\.0\.0\.1:1\n$/,
    ],
  ])('says what is wrong with %j, and shows no password', async (args, message) => {
    const { code, stdout, stderr } = await demo(...args);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('secret');
  });
});
