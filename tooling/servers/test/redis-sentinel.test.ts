import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { note, startRedis, startRedisSentinel } from '../src/index.ts';
import { findBinary } from '../src/system/binary.ts';

const missing = findBinary('redis-server', 'valkey-server') === null;
if (missing) note({ kind: 'skip', reason: 'no redis-server on PATH: apt-get install redis-server' });

function primaryPort(sentinelPort: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: sentinelPort });
    let reply = '';
    socket.write('SENTINEL get-master-addr-by-name shop\r\n');
    socket.on('error', reject);
    socket.on('data', (chunk: Buffer) => {
      reply += chunk.toString();
      const [, port] = /\r\n(\d+)\r\n$/.exec(reply) ?? [];
      if (port === undefined) return;
      socket.destroy();
      resolve(Number(port));
    });
  });
}

describe.skipIf(missing)('a Redis Sentinel of a test', () => {
  it('names the primary, and keeps what it knows over a restart', async () => {
    const primary = await startRedis();
    onTestFinished(() => primary.remove());
    const options = { name: 'shop', primaryPort: primary.port, quorum: 1 };
    const sentinel = await startRedisSentinel(options);
    onTestFinished(() => sentinel.remove());
    expect(await primaryPort(sentinel.port)).toBe(primary.port);
    await sentinel.restart();
    expect(await primaryPort(sentinel.port)).toBe(primary.port);
  });
});
