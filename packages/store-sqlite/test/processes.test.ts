import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { startProgram } from './support/programs.ts';
import { fill, openShop } from './support/shop.ts';

const MESSAGES = 3_000;
const KEYS = 30;
const LEASE_MS = 500;

describe('relays in processes of their own', () => {
  it('lose nothing and keep each key in order when they are killed again and again', async () => {
    const shop = await openShop();
    fill(shop, MESSAGES, KEYS);
    const ledger = join(shop.directory, 'ledger.txt');
    let kills = 0;
    const relay = async (name: string, killAfter: number): Promise<void> => {
      const child = startProgram('relay', [shop.file, ledger, name, String(LEASE_MS)]);
      let settled = 0;
      child.on('message', (count) => {
        settled += Number(count) || 0;
        if (settled > killAfter && child.kill('SIGKILL')) kills++;
      });
      const errors = text(child.stderr as NodeJS.ReadableStream & AsyncIterable<Buffer>);
      child.stdout?.resume();
      const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
      expect({ name, code, errors: await errors }).toEqual({
        name,
        code: signal === 'SIGKILL' ? null : 0,
        errors: '',
      });
    };
    for (let round = 0; round < 3; round++) {
      await Promise.all([relay(`a${round}`, 200), relay(`b${round}`, 300)]);
    }
    const isEmpty = async (): Promise<boolean> => (await shop.store.inspection.status()).topics.length === 0;
    // A drain leaves alone what is still held by a relay that was killed.
    while (!(await isEmpty())) await relay('last', Number.POSITIVE_INFINITY);

    const first = new Map<string, string>();
    for (const line of readFileSync(ledger, 'utf8').trimEnd().split('\n')) {
      const [number, key] = line.split(',') as [string, string];
      if (!first.has(number)) first.set(number, key);
    }
    expect(first.size).toBe(MESSAGES);
    for (let key = 0; key < KEYS; key++) {
      const numbers = [...first].filter(([, of]) => of === `key-${key}`).map(([number]) => Number(number));
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    }
    expect(kills).toBeGreaterThan(0);
  });

  it('drain 100,000 messages in a heap that could not hold them', async () => {
    const shop = await openShop();
    fill(shop, 100_000, 1_000);
    // Enough for the relay and a few batches, not for all messages as objects.
    const child = startProgram('drain', [shop.file], ['--max-old-space-size=24']);
    const [out, errors, [code]] = await Promise.all([
      text(child.stdout as NodeJS.ReadableStream & AsyncIterable<Buffer>),
      text(child.stderr as NodeJS.ReadableStream & AsyncIterable<Buffer>),
      once(child, 'exit') as Promise<[number]>,
    ]);
    expect({ out, errors, code }).toEqual({ out: '100000', errors: '', code: 0 });
  });

  it('leave nothing of the write-ahead log behind after an orderly end', async () => {
    const shop = await openShop();
    fill(shop, 100, 10);
    const child = startProgram('drain', [shop.file]);
    child.stdout?.resume();
    await once(child, 'exit');
    shop.db.close();
    await shop.store.close();
    expect(existsSync(`${shop.file}-wal`)).toBe(false);
  });
});
