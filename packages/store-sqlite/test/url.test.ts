import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { capabilities, fromUrl } from '../src/index.ts';

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'outrelay-sqlite-url-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Creates the tables through the URL, which shows the file that it names. */
async function create(url: string, options?: Readonly<Record<string, string>>): Promise<void> {
  const store = fromUrl(url, options);
  await store.schema.apply();
  await store.close();
}

describe('fromUrl', () => {
  it.each([
    ['shop.db', 'shop.db'],
    ['a%20b%3F%25.db', 'a b?%.db'],
    ['Zoë.db', 'Zoë.db'],
  ])('opens the file that %s names', async (path, file) => {
    const folder = temporaryFolder();
    await create(`sqlite://${folder}/${path}`);
    expect(existsSync(join(folder, file))).toBe(true);
  });

  it('takes a relative path, and one slash for three', async () => {
    const folder = temporaryFolder();
    const before = process.cwd();
    onTestFinished(() => process.chdir(before));
    process.chdir(folder);
    await create('sqlite:shop.db');
    await create('SQLITE:./other.db');
    await create(`sqlite:${folder}/third.db`);
    expect(['shop.db', 'other.db', 'third.db'].filter((file) => existsSync(join(folder, file)))).toHaveLength(
      3,
    );
  });

  it('reads options from the query and beside the URL', async () => {
    const url = `sqlite://${temporaryFolder()}/shop.db`;
    await create(`${url}?prefix=one_&history=none&lockTimeoutMs=100`, { wakeupIntervalMs: '20' });
    const one = fromUrl(`${url}?prefix=one_`);
    const two = fromUrl(url, { prefix: 'two_' });
    expect(one).toMatchObject({ name: 'sqlite', capabilities });
    expect([(await one.schema.status()).installed, (await two.schema.status()).installed]).toEqual([1, 0]);
    await Promise.all([one.close(), two.close()]);
  });

  it.each([
    ['sqlite:', {}, 'the name of the file is missing, as in sqlite:shop.db.'],
    ['sqlite://host/shop.db', {}, 'an absolute path has three slashes, as in sqlite:///var/lib/shop.db.'],
    ['postgres://db/shop', {}, 'expected a URL such as sqlite:shop.db or sqlite:///var/lib/shop.db.'],
    ['sqlite:shop.db#x', {}, 'expected a URL such as sqlite:shop.db'],
    ['sqlite:100%.db', {}, 'a percent sign that encodes nothing; write it as %25.'],
    [
      'sqlite:shop.db?prefx=a',
      {},
      'it has no option "prefx", only prefix, history, historyRetentionMs, receiptRetentionMs, wakeupIntervalMs, lockTimeoutMs.',
    ],
    ['sqlite:shop.db', { file: 'other.db' }, 'it has no option "file", only prefix'],
    ['sqlite:shop.db?constructor=a', {}, 'it has no option "constructor", only prefix'],
    ['sqlite:shop.db?prefix=a', { prefix: 'b' }, 'the option "prefix" is given twice.'],
    ['sqlite:shop.db?history=all', {}, 'option "history" must be one of "summary", "full", "none"'],
    ['sqlite:shop.db?lockTimeoutMs=5s', {}, 'the option "lockTimeoutMs" must be a whole number; got "5s".'],
    ['sqlite:shop.db?wakeupIntervalMs=0', {}, 'option "wakeupIntervalMs" must be a whole number from 1'],
    ['sqlite::memory:', {}, 'must be the path of a file: a database in memory belongs to one connection'],
  ])('refuses %s with %j', (url, options: Record<string, string>, reason) => {
    expect(() => fromUrl(url, options)).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining(reason) as string }),
    );
  });
});
