import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startPostgres, until } from '@outrelay/servers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { PushedShop } from '../support/pushed-shop.ts';

const LOGICAL = { wal_level: 'logical' };

describe('a relay that is pushed', () => {
  it('goes on after the server was killed and started again', async () => {
    const server = await startPostgres({ settings: LOGICAL });
    onTestFinished(() => server.remove());
    const shop = await PushedShop.open(server);
    shop.relay();
    await shop.followed();
    for (let round = 0; round < 3; round++) {
      for (let at = 0; at < 10; at++) await shop.append(7);
      await server.kill();
      await server.start();
    }
    await shop.append(7);
    await shop.drained();
    await shop.followed();
    expect(shop.disorder()).toEqual([]);
  });

  it('goes on in another process when it is killed', async () => {
    const server = await startPostgres({ settings: LOGICAL });
    onTestFinished(() => server.remove());
    const shop = await PushedShop.open(server);
    const directory = await mkdtemp(join(tmpdir(), 'outrelay-push-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    const ledger = join(directory, 'ledger');
    await writeFile(ledger, '');
    const program = fileURLToPath(new URL('../programs/push.mjs', import.meta.url));
    const lines = (): string[][] =>
      readFileSync(ledger, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => line.split(','));
    for (let life = 0; life < 4; life++) {
      const child = fork(program, [shop.url, ledger], { execArgv: [] });
      await once(child, 'message');
      const before = lines().length;
      for (let at = 0; at < 20; at++) await shop.append(10);
      await until('it delivers', () => expect(lines().length).toBeGreaterThan(before));
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    const last = fork(program, [shop.url, ledger], { execArgv: [] });
    onTestFinished(() => void last.kill());
    await until(
      'all is delivered',
      () => expect(new Set(lines().map(([id]) => id)).size).toBe(shop.appended),
      undefined,
      60_000,
    );
    const first = new Map<string, [number, string]>();
    for (const [id = '', number, key = ''] of lines())
      if (!first.has(id)) first.set(id, [Number(number), key]);
    for (const key of new Set([...first.values()].map(([, name]) => name))) {
      const numbers = [...first.values()].filter(([, name]) => name === key).map(([number]) => number);
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    }
  });

  it('polls when the server has given up the position, and says what to do', async () => {
    const server = await startPostgres({
      settings: { ...LOGICAL, max_slot_wal_keep_size: '1MB', min_wal_size: '32MB', max_wal_size: '32MB' },
    });
    onTestFinished(() => server.remove());
    const shop = await PushedShop.open(server);
    await until('the position is given up', async () => {
      await shop.pool.query(
        'CREATE TABLE filler AS SELECT repeat(md5(n::text), 50) FROM generate_series(1, 20000) AS n',
      );
      await shop.pool.query('DROP TABLE filler');
      await shop.pool.query('SELECT pg_switch_wal()');
      await shop.pool.query('CHECKPOINT');
      expect((await shop.store.log?.status())?.state).toBe('lost');
    });
    const { events } = shop.relay();
    await shop.append(50);
    await shop.drained();
    const told = events.find((event) => event.type === 'wakeups-lost');
    expect(told).toMatchObject({ error: { code: 'LOG_LOST' } });
    await shop.store.log?.drop();
    await shop.store.log?.create();
    await shop.followed();
    await shop.append(50);
    await shop.drained();
    expect(shop.disorder()).toEqual([]);
  });

  it('says what to change where the server keeps no logical log', async () => {
    const server = await startPostgres({ settings: { wal_level: 'replica' } });
    onTestFinished(() => server.remove());
    await expect(PushedShop.open(server)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('Set wal_level = logical') as string,
    });
  });
});
