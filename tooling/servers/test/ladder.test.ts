import { afterEach, describe, expect, it, vi } from 'vitest';
import { findServer, isServerName, note, startRedis } from '../src/index.ts';
import { redis } from '../src/kinds/redis.ts';
import type { ServerKind } from '../src/kinds/server-kind.ts';
import { fromBinary } from '../src/rungs/binary.ts';
import { fromCompose } from '../src/rungs/compose.ts';
import { fromDebianPackage } from '../src/rungs/debian.ts';
import { fromDebianRoot } from '../src/rungs/debian-root.ts';
import { fromEnvironment } from '../src/rungs/environment.ts';
import { fromListening } from '../src/rungs/listening.ts';
import { findBinary } from '../src/system/binary.ts';
import { freePort } from '../src/system/free-port.ts';
import { redisCommand } from './redis-command.ts';

const missing = findBinary('redis-server', 'valkey-server') === null;
if (missing) note({ kind: 'skip', reason: 'no redis-server on PATH: apt-get install redis-server' });

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('each rung without a server', () => {
  it('says that the variable is not set', async () => {
    vi.stubEnv('OUTRELAY_TEST_REDIS_URL', '');
    expect(await fromEnvironment(redis)).toEqual({ none: 'OUTRELAY_TEST_REDIS_URL is not set' });
  });

  it('refuses to replace a server that a person named, and keeps its password to itself', async () => {
    vi.stubEnv('OUTRELAY_TEST_REDIS_URL', `redis://user:hunter2@127.0.0.1:${await freePort()}`);
    const search = await findServer('redis');
    expect(search).toMatchObject({ status: 'missing', why: expect.stringContaining('ECONNREFUSED') });
    expect(JSON.stringify(search)).not.toContain('hunter2');
  });

  it('says that nothing listens', async () => {
    const localUrls = [`redis://127.0.0.1:${await freePort()}`];
    expect(await fromListening({ ...redis, localUrls })).toEqual({
      none: expect.stringContaining('ECONNREFUSED') as string,
    });
  });

  it('says that no program, no Docker and no package is there', async () => {
    vi.stubEnv('PATH', '');
    const nowhere: ServerKind = { ...redis, start: () => Promise.resolve(null), debianPackages: [] };
    expect(await fromBinary(nowhere)).toEqual({ none: 'no server program found' });
    expect(await fromCompose(nowhere)).toEqual({ none: 'no docker on PATH' });
    expect(await fromDebianPackage(nowhere)).toEqual({ none: 'not a Debian package' });
    expect(await fromDebianRoot(nowhere)).toEqual({ none: 'not in the newest Debian' });
  });
});

describe.skipIf(missing)('each rung with a server', () => {
  it('uses one that listens, and leaves it running', async () => {
    const instance = await startRedis();
    try {
      const found = await fromListening({ ...redis, localUrls: [instance.url] });
      expect(found).toMatchObject({ url: instance.url, version: instance.version });
      if ('none' in found) throw new Error(found.none);
      await found.remove();
      expect(await redisCommand(instance.port, 'PING')).toBe('+PONG');
    } finally {
      await instance.remove();
    }
  });

  it('starts one of its own, and ends it', async () => {
    const found = await fromBinary(redis);
    if ('none' in found) throw new Error(found.none);
    const { port, host } = new URL(found.url);
    expect(found.origin).toBe(`started on ${host}`);
    await found.remove();
    await expect(redisCommand(Number(port), 'PING')).rejects.toThrow('ECONNREFUSED');
  });
});

describe('isServerName', () => {
  it('knows the kinds, and nothing that every object inherits', () => {
    expect(['postgres', 'toString', 'oracle'].filter(isServerName)).toEqual(['postgres']);
  });
});
