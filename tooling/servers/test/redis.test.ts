import { afterEach, describe, expect, it } from 'vitest';
import { findServer, note, type ServerInstance, startRedis, until } from '../src/index.ts';
import { findBinary } from '../src/system/binary.ts';
import { redisCommand } from './redis-command.ts';

const missing = findBinary('redis-server', 'valkey-server') === null;
if (missing) note({ kind: 'skip', reason: 'no redis-server on PATH: apt-get install redis-server' });

const DURABLE = ['--appendonly', 'yes', '--appendfsync', 'always'];
const instances: ServerInstance<readonly string[]>[] = [];

async function started(args: readonly string[] = []): Promise<ServerInstance<readonly string[]>> {
  const instance = await startRedis({ args });
  instances.push(instance);
  return instance;
}

afterEach(async () => {
  await Promise.all(instances.splice(0).map((instance) => instance.remove()));
});

describe.skipIf(missing)('a Redis server of a test', () => {
  it('answers on its port and reports its version', async () => {
    const instance = await started();
    expect(await redisCommand(instance.port, 'SET', 'a', '1')).toBe('+OK');
    const server = await redisCommand(instance.port, 'INFO', 'server');
    expect(server).toContain(`redis_version:${instance.version}`);
    note({ kind: 'server', server: 'Redis', version: instance.version });
  });

  it('keeps its data over kill and start, on the same port', async () => {
    const instance = await started(DURABLE);
    await redisCommand(instance.port, 'SET', 'kept', 'yes');
    const { pid } = instance;
    await instance.kill();
    await expect(redisCommand(instance.port, 'PING')).rejects.toThrow('ECONNREFUSED');
    expect(() => instance.pid).toThrow('is not running');
    await instance.start();
    expect(instance.pid).not.toBe(pid);
    expect(await redisCommand(instance.port, 'GET', 'kept')).toContain('yes');
  });

  it('takes other arguments at a restart', async () => {
    const instance = await started();
    await instance.restart(['--maxmemory', '5mb']);
    expect(await redisCommand(instance.port, 'CONFIG', 'GET', 'maxmemory')).toContain('5242880');
  });

  it('refuses to start twice', async () => {
    const instance = await started();
    await expect(instance.start()).rejects.toThrow('already running');
  });

  it('says what the server wrote when it cannot start', async () => {
    await expect(startRedis({ args: ['--no-such-setting', '1'] })).rejects.toThrow(/no-such-setting/);
  });

  it('notices a server that ends by itself', async () => {
    const instance = await started();
    await redisCommand(instance.port, 'SHUTDOWN', 'NOSAVE');
    await until('the end is noticed', () => expect(() => instance.pid).toThrow('is not running'));
  });

  it('is what the ladder finds under the URL of the environment', async () => {
    const instance = await started();
    process.env['OUTRELAY_TEST_REDIS_URL'] = instance.url;
    try {
      const found = await findServer('redis');
      expect(found).toMatchObject({ status: 'found', url: instance.url, origin: 'OUTRELAY_TEST_REDIS_URL' });
      await instance.stop();
      const lost = await findServer('redis');
      expect(lost).toMatchObject({ status: 'missing', why: expect.stringContaining('ECONNREFUSED') });
    } finally {
      delete process.env['OUTRELAY_TEST_REDIS_URL'];
    }
  });
});
