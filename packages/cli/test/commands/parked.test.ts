import { createInbox } from '@outrelay/core';
import { sqliteStore } from '@outrelay/store-sqlite';
import Database from 'better-sqlite3';
import { beforeEach, describe, expect, it } from 'vitest';
import { Shop } from '../support/shop.ts';

let shop: Shop;

/** Three parked messages: `m1` of two consumers, `m2` of one. */
beforeEach(async () => {
  shop = await Shop.open();
  const store = sqliteStore({ file: shop.file, driver: Database });
  const content = { topic: 'order.placed', headers: { secret: 's' }, contentType: 'application/json' };
  const park = { attempts: 5, reason: 'attempts-exhausted', error: 'no stock', redrives: 0 } as const;
  const message = { ...content, id: 'm1', key: '17', payload: '{"total": 1.10}', createdAt: new Date() };
  await store.parking.park([
    { ...park, consumer: 'billing', message },
    { ...park, consumer: 'mail', message },
    { ...park, consumer: 'billing', message: { ...message, id: 'm2', key: null }, reason: 'rejected' },
  ]);
  await store.close();
});

/** Consumers and ids of what is still parked or redriven. */
async function parked(): Promise<string[]> {
  const { stdout } = await shop.run(['parked', 'list', '--json']);
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const { consumer, id, state } = JSON.parse(line) as Record<string, string>;
    return `${consumer} ${id} ${state}`;
  });
}

const ALL = ['billing m1 parked', 'mail m1 parked', 'billing m2 parked'];

describe('parked list', () => {
  it('lists messages without payloads and headers, as a table or as JSON', async () => {
    const table = await shop.run(['parked', 'list']);
    expect(table).toMatchObject({ code: 0, stderr: '' });
    const [titles, ...rows] = table.stdout.trimEnd().split('\n');
    expect(titles).toMatch(/^id +consumer +topic +key +reason +attempts +parked +error$/);
    expect(rows.map((row) => row.split(/ +/).slice(0, 6))).toEqual([
      ['m1', 'billing', 'order.placed', '17', 'attempts-exhausted', '5'],
      ['m1', 'mail', 'order.placed', '17', 'attempts-exhausted', '5'],
      ['m2', 'billing', 'order.placed', '–', 'rejected', '5'],
    ]);
    const { stdout } = await shop.run(['parked', 'list', '--json']);
    expect(stdout).not.toContain('total');
    expect(stdout).not.toContain('secret');
  });

  it('chooses by consumer, id, key, reason and time, and pages', async () => {
    const count = async (...args: readonly string[]): Promise<number> => {
      const { stdout } = await shop.run(['parked', 'list', '--json', ...args]);
      return stdout === '' ? 0 : stdout.trimEnd().split('\n').length;
    };
    expect(await count('--consumer', 'billing')).toBe(2);
    expect(await count('--consumer', 'billing', '--id', 'm1')).toBe(1);
    expect(await count('--key', '17')).toBe(2);
    expect(await count('--reason', 'rejected')).toBe(1);
    expect(await count('--since', '1h')).toBe(3);
    expect(await count('--until', '1h')).toBe(0);
    const page = await shop.run(['parked', 'list', '--limit', '2']);
    const [, cursor = ''] = /^There are more\. Go on with: --after (\S+)\n$/.exec(page.stderr) ?? [];
    expect(await count('--limit', '2', '--after', cursor)).toBe(1);
    expect((await shop.run(['parked', 'list', '--topic', 'other'])).stdout).toBe(
      'There are no such parked messages.\n',
    );
  });
});

describe('parked show', () => {
  it('shows everything, or the payload alone', async () => {
    const { code, stdout } = await shop.run(['parked', 'show', 'm2']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^consumer +billing$/m);
    expect(stdout).toMatch(/^header secret +s$/m);
    expect(stdout).toMatch(/\n\n\{"total": 1\.10\}\n$/);
    expect((await shop.run(['parked', 'show', 'm2', '--raw'])).stdout).toBe('{"total": 1.10}');
  });

  it('wants the consumer where several parked the message', async () => {
    expect(await shop.run(['parked', 'show', 'm1'])).toMatchObject({
      code: 2,
      stderr: 'error: Several consumers parked it; choose one with --consumer: billing, mail.\n',
    });
    const { stdout } = await shop.run(['parked', 'show', 'm1', '--consumer', 'mail', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ id: 'm1', consumer: 'mail', state: 'parked' });
    expect(await shop.run(['parked', 'show', 'nobody'])).toEqual({
      code: 1,
      stdout: '',
      stderr: 'There is no parked message with the id nobody.\n',
    });
  });
});

describe('parked redrive', () => {
  it('makes messages of one consumer available to it', async () => {
    const done = await shop.run(['parked', 'redrive', 'm1', '--consumer', 'billing']);
    expect(done).toEqual({ code: 0, stdout: '1 parked message redriven.\n', stderr: '' });
    expect(await parked()).toEqual(['billing m1 redriven', ...ALL.slice(1)]);
    const store = sqliteStore({ file: shop.file, driver: Database });
    const taken = await store.parking.take({ consumer: 'billing', limit: 10, holdMs: 1_000 });
    expect(taken.map(({ message }) => message.id)).toEqual(['m1']);
    const inbox = createInbox({ store });
    expect(
      (await inbox.receive({ consumer: 'billing', message: { id: 'm1', key: '17' } }, () => {})).status,
    ).toBe('processed');
    await store.close();
    expect((await shop.run(['parked', 'redrive', 'm1', '--consumer', 'billing'])).code).toBe(1);
  });

  it('wants to be told which', async () => {
    expect(await shop.run(['parked', 'redrive'])).toMatchObject({
      code: 2,
      stderr:
        'error: Which parked messages? Give ids or a filter, or --all to redrive every one.\nTo see them: outrelay parked list\n',
    });
    expect((await shop.run(['parked', 'redrive', '--all', '--key', '17'])).code).toBe(2);
    expect((await shop.run(['parked', 'redrive', '--all'])).stdout).toBe('3 parked messages redriven.\n');
  });
});

describe('parked discard', () => {
  it('takes ids at their word', async () => {
    const done = await shop.run(['parked', 'discard', 'm1', '--consumer', 'mail']);
    expect(done).toEqual({ code: 0, stdout: '1 parked message discarded.\n', stderr: '' });
    expect(await parked()).toEqual([ALL[0], ALL[2]]);
  });

  it('wants --yes where nobody can be asked', async () => {
    expect(await shop.run(['parked', 'discard', '--consumer', 'billing'])).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'error: Discarding by filter is final, and nobody can be asked here.\nRepeat it with --yes, or name the messages by their ids.\n',
    });
    expect(await parked()).toEqual(ALL);
    expect((await shop.run(['parked', 'discard', '--all', '--yes'])).stdout).toBe(
      '3 parked messages discarded.\n',
    );
    expect(await parked()).toEqual([]);
  });
});
