import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { note, type ServerInstance, startRedis } from '../src/index.ts';
import { redis } from '../src/kinds/redis.ts';
import { fromCompose } from '../src/rungs/compose.ts';
import { fromDebianPackage } from '../src/rungs/debian.ts';
import { fromDebianRoot } from '../src/rungs/debian-root.ts';
import { findBinary } from '../src/system/binary.ts';
import { findDebianRoot } from '../src/system/debian-root.ts';

// Docker and apt-get change the machine, so scripts stand in for them. The server behind them is a real one.

const missing = findBinary('redis-server', 'valkey-server') === null;
if (missing) note({ kind: 'skip', reason: 'no redis-server on PATH: apt-get install redis-server' });
if (process.getuid?.() !== 0) note({ kind: 'skip', reason: 'not root, who alone may install packages' });

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'outrelay-programs-'));
  vi.stubEnv('PATH', `${directory}${delimiter}${process.env['PATH'] ?? ''}`);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true, force: true });
});

/** Puts a shell script on PATH that logs its arguments, then runs `body`. */
function program(name: string, body: string): void {
  const script = `#!/bin/sh\necho "$*" >> "${directory}/calls"\n${body}\n`;
  writeFileSync(join(directory, name), script, { mode: 0o755 });
}

function calls(): readonly string[] {
  return readFileSync(join(directory, 'calls'), 'utf8').trim().split('\n');
}

describe('Docker', () => {
  it('is passed over when no engine answers', async () => {
    program('docker', 'exit 1');
    expect(await fromCompose(redis)).toEqual({ none: 'docker info does not answer' });
  });

  it('leaves nothing behind when the containers do not come up', async () => {
    program('docker', 'case "$*" in *" up "*) echo "no such image"; exit 1;; esac');
    expect(await fromCompose(redis)).toEqual({ none: 'docker compose up failed: no such image' });
    expect(calls().at(-1)).toContain(' down --volumes');
  });

  describe.skipIf(missing)('with an engine', () => {
    let instance: ServerInstance<readonly string[]>;

    beforeEach(async () => {
      instance = await startRedis();
    });

    afterEach(() => instance.remove());

    it('starts one service on a free port, and takes it down again', async () => {
      const port = `case "$*" in *" port "*) echo "127.0.0.1:${instance.port}";; esac`;
      program('docker', `${port}\necho "port $OUTRELAY_REDIS_PORT" >> "${directory}/calls"`);
      const found = await fromCompose(redis);
      if ('none' in found) throw new Error(found.none);
      expect(found).toMatchObject({ url: instance.url, version: instance.version, origin: 'in Docker' });
      expect(calls()).toContain('port 0');
      expect(calls().find((call) => call.includes(' up '))).toMatch(/up --detach --wait redis$/);
      await found.remove();
      expect(calls().find((call) => call.includes(' down '))).toContain('--volumes');
    });
  });
});

describe.skipIf(process.getuid?.() !== 0)('apt-get, for root', () => {
  it('installs, with fresh lists when the first try fails', async () => {
    program('apt-get', `test "$1" = update && touch "${directory}/fresh"; test -e "${directory}/fresh"`);
    const nothing = { ...redis, start: () => Promise.resolve(null) };
    expect(await fromDebianPackage(nothing)).toEqual({ none: 'no server program found' });
    const install = 'install --yes --no-install-recommends redis-server';
    expect(calls()).toEqual([install, 'update', install]);
  });

  it('says why it could not', async () => {
    program('apt-get', 'echo "E: no such package"; exit 100');
    expect(await fromDebianPackage(redis)).toEqual({ none: 'apt-get install failed: E: no such package' });
  });

  it.skipIf(missing)('starts what was installed', async () => {
    program('apt-get', 'exit 0');
    const found = await fromDebianPackage(redis);
    if ('none' in found) throw new Error(found.none);
    expect(found.origin).toMatch(/^installed, started on 127\.0\.0\.1:\d+$/);
    await found.remove();
  });
});

describe.skipIf(process.getuid?.() !== 0)('debootstrap, for root', () => {
  const kind = { ...redis, debianPackages: [], sidPackages: ['one', 'two'] };

  beforeEach(() => {
    vi.stubEnv('XDG_CACHE_HOME', directory);
    program('apt-get', 'exit 0');
  });

  it('makes a root once, under a name that shows only when it is complete', async () => {
    program('debootstrap', 'for last; do :; done; mkdir "$last"');
    program('unshare', 'exit 0');
    expect(findDebianRoot(kind.sidPackages)).toBe(null);
    const none = { none: 'no server program found' };
    expect(await fromDebianRoot({ ...kind, start: () => Promise.resolve(null) })).toEqual(none);
    expect(findDebianRoot(kind.sidPackages)).toBe(join(directory, 'outrelay', 'sid-one-two'));
    expect(readdirSync(join(directory, 'outrelay'))).toEqual(['sid-one-two']);
    expect(calls().at(-1)).toContain('apt-get install --yes --no-install-recommends one two');
    expect(await fromDebianRoot({ ...kind, start: () => Promise.resolve(null) })).toEqual(none);
    expect(readdirSync(join(directory, 'outrelay'))).toEqual(['sid-one-two']);
  });

  it('leaves nothing of one that failed, and says why', async () => {
    program('debootstrap', 'for last; do :; done; mkdir "$last"; echo "E: no mirror"; exit 1');
    const failed = await fromDebianRoot(kind);
    expect(failed).toEqual({ none: expect.stringMatching(/^no Debian root could be made: .*E: no mirror/s) });
    expect(readdirSync(join(directory, 'outrelay'))).toEqual([]);
  });
});
