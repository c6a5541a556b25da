import { randomBytes } from 'node:crypto';
import { note, serverUrl } from '@outrelay/servers';
import { Redis } from 'ioredis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isInstalled, linkAdapter } from '../support/adapters.ts';
import { temporaryFolder } from '../support/folder.ts';
import { type Finished, outrelay } from '../support/outrelay.ts';
import { startReceiver } from '../support/receiver.ts';
import { SCHEMES, type ServerScheme } from '../support/server-place.ts';

const LINES = [1, 2, 3].map((n) => `{"topic":"order.placed","key":"17","payload":{"n":${n}}}\n`).join('');

interface Place {
  /** Runs a command on the database, and expects nothing on stderr. */
  readonly run: (args: readonly string[], input?: string) => Promise<Finished>;
}

/** An empty database on the server, and a folder in which its adapter and that of Redis are installed. */
async function open({ scheme, adapter, make }: ServerScheme, server: string): Promise<Place> {
  const place = await make(server);
  onTestFinished(() => place.drop());
  const url = place.url.replace(/^[a-z+]+:/, `${scheme}:`);
  const folder = temporaryFolder();
  linkAdapter(folder, adapter);
  linkAdapter(folder, 'transport-redis');
  return {
    run: async (args, input) => {
      const finished = await outrelay(args, { cwd: folder, env: { OUTRELAY_FROM: url }, input });
      expect([args, finished.stderr]).toEqual([args, '']);
      return finished;
    },
  };
}

/** A prefix of streams that goes with the test. */
function streams(url: string): { readonly redis: Redis; readonly prefix: string } {
  const redis = new Redis(url);
  const prefix = `outrelay_cli_${randomBytes(6).toString('hex')}:`;
  onTestFinished(async () => {
    await redis.del(`${prefix}order.placed`);
    redis.disconnect();
  });
  return { redis, prefix };
}

const redisUrl = serverUrl('redis');
if (redisUrl === undefined) note({ kind: 'skip', reason: 'no redis: no command was run on a server' });

for (const entry of redisUrl === undefined ? [] : SCHEMES) {
  const { scheme, server, adapter } = entry;
  if (!isInstalled(adapter) || !isInstalled('transport-redis')) {
    note({
      kind: 'skip',
      reason: `${adapter} or transport-redis is not installed here: ${scheme} was not run`,
    });
    continue;
  }
  if (server === undefined) {
    note({ kind: 'skip', reason: `no server for ${scheme}: its commands were not run` });
    continue;
  }
  describe(`--from ${scheme}:`, () => {
    it('migrates, appends, shows the backlog and runs to Redis', { timeout: 300_000 }, async () => {
      const { run } = await open(entry, server);
      const { redis, prefix } = streams(redisUrl as string);
      expect((await run(['migrate', 'status'])).code).toBe(1);
      expect((await run(['migrate', 'apply'])).code).toBe(0);
      expect((await run(['migrate', 'status'])).stdout).toMatch(
        /^Version 1 is installed in .*: up to date\.\n$/,
      );
      const appended = await run(['append'], LINES);
      expect(appended.stdout).toMatch(/^Appended 3 messages to .* in 1 transaction\.\n$/);
      const status = JSON.parse((await run(['status', '--json'])).stdout) as unknown;
      expect(status).toMatchObject({ topics: [{ topic: 'order.placed', pending: { value: 3 } }] });
      const to = new URL(redisUrl as string);
      to.searchParams.set('prefix', prefix);
      const ran = await run(['run', '--once', '--to', to.href]);
      expect([ran.code, ran.stdout]).toEqual([0, expect.stringContaining('3 messages published')]);
      const entries = await redis.xrange(`${prefix}order.placed`, '-', '+');
      expect(entries.map(([, fields]) => fields[fields.indexOf('payload') + 1])).toEqual([
        '{"n":1}',
        '{"n":2}',
        '{"n":3}',
      ]);
      expect((await run(['status'])).stdout).toMatch(/^Nothing is pending, waiting or dead\./);
    });

    it('lists, shows, redrives and discards dead letters', { timeout: 300_000 }, async () => {
      const { run } = await open(entry, server);
      await run(['migrate', 'apply']);
      await run(['append'], LINES);
      const refusing = await startReceiver(() => 400);
      await run(['run', '--once', '--quiet', '--to', refusing.url]);
      const letters = async (): Promise<string[]> =>
        (await run(['dead', 'list', '--json'])).stdout
          .split('\n')
          .flatMap((line) => (line === '' ? [] : (JSON.parse(line) as { id: string }).id));
      const dead = await letters();
      expect(dead.toSorted()).toEqual(refusing.ids.toSorted());
      const [first = '', second = '', third = ''] = refusing.ids;
      expect((await run(['dead', 'show', first])).stdout).toMatch(/\n\n\{"n":1\}\n$/);
      expect((await run(['dead', 'discard', second, '--yes'])).code).toBe(0);
      expect((await run(['dead', 'redrive', first])).stdout).toBe('1 dead letter redriven.\n');
      expect(await letters()).toEqual([third]);
      const { redis, prefix } = streams(redisUrl as string);
      const to = new URL(redisUrl as string);
      to.searchParams.set('prefix', prefix);
      await run(['run', '--once', '--quiet', '--to', to.href]);
      expect(await redis.xlen(`${prefix}order.placed`)).toBe(1);
    });
  });
}
