import { describe, expect, it } from 'vitest';
import { capabilities, type RedisTransportOptions, redisTransport } from '../src/index.ts';

const URL = 'redis://127.0.0.1:1';

function refusal(options: unknown): string {
  try {
    redisTransport(options as RedisTransportOptions);
  } catch (error) {
    if (error instanceof TypeError) return error.message;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('the options', () => {
  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'Expected redisTransport to get an options object; got undefined.'],
    [
      'no address',
      {},
      'needs exactly one of the options "url", "node", "sentinel", "cluster" and "client"; got none.',
    ],
    ['two addresses', { url: URL, node: {} }, 'got "url" and "node".'],
    ['an unknown name', { url: URL, steam: 'x' }, 'redisTransport has no option "steam"'],
    ['an unknown name inside', { node: { hots: 'x' } }, 'option "node" has no option "hots"'],
    [
      'a wrong port',
      { node: { port: 70_000 } },
      'option "node": option "port" must be a whole number from 1 to 65535',
    ],
    [
      'no nodes',
      { cluster: { nodes: [] } },
      'option "nodes" must be an array of at least one { host, port }',
    ],
    [
      'a node without host',
      { cluster: { nodes: [{ port: 1 }] } },
      'option "nodes"[0]: option "host" must be a text',
    ],
    ['no name', { sentinel: { nodes: [{ host: 'a' }] } }, 'option "sentinel": option "name" must be a text'],
    [
      'a text for TLS',
      { node: { tls: 'false' } },
      'option "tls" must be true, false or options of tls.connect',
    ],
    ['a wrong prefix', { url: URL, prefix: 7 }, 'option "prefix" must be a text; got 7.'],
    ['a text for a number', { url: URL, maxLength: '7' }, 'option "maxLength" must be a whole number'],
    ['a length of nothing', { url: URL, maxLength: 0 }, 'option "maxLength" must be a whole number from 1'],
    [
      'chunks above the limit of servers',
      { url: URL, chunkBytes: 2_000_000 },
      'from 1 to 1048576; got 2000000',
    ],
    ['no replicas', { url: URL, wait: {} }, 'option "wait": option "replicas" must be a whole number from 1'],
    ['two proofs', { url: URL, wait: { replicas: 1 }, waitAof: {} }, 'takes "wait" or "waitAof"; got both'],
    [
      'no client',
      { client: {} },
      'option "client" must be a Redis or Cluster of ioredis 5 or 6; got an object',
    ],
  ])('refuse %s', (_, options, reason) => {
    expect(refusal(options)).toContain(reason);
  });

  it.each<[string, object]>([
    ['a URL', { url: 'http://user:s3cret@host' }],
    ['a URL with options', { url: 'redis://user:s3cret@host?x=1' }],
    ['a URL that is none', { url: 'redis://user:s3cret@host:port' }],
    ['a password', { node: { password: { value: 's3cret' } } }],
    ['a URL for a host', { node: { host: 'a', port: 'redis://:s3cret@host' } }],
  ])('never show the password in %s', (_, options) => {
    expect(refusal(options)).not.toContain('s3cret');
  });

  it.each<[string, RedisTransportOptions]>([
    ['a URL', { url: URL }],
    ['a node', { node: { host: 'a', password: 'p', tls: true, db: 3 } }],
    ['a socket', { node: { path: '/nowhere' } }],
    ['Sentinels', { sentinel: { name: 'm', nodes: [{ host: 'a' }], tls: true, sentinelTls: {} } }],
    ['a cluster', { cluster: { nodes: [{ host: 'a' }], natMap: {} } }],
  ])('can be closed before %s was ever connected to', async (_, options) => {
    await expect(redisTransport(options).close()).resolves.toBeUndefined();
  });
});

describe('the manifest', () => {
  it('is the exported one by default', async () => {
    const transport = redisTransport({ url: URL, wait: { replicas: 1 } });
    expect(transport.capabilities).toEqual(capabilities);
    await transport.close();
  });

  it('follows the options', async () => {
    const transport = redisTransport({ url: URL, waitAof: {}, maxPayloadBytes: 64 * 1_048_576 });
    expect(transport.capabilities).toMatchObject({
      confirmation: 'durable',
      limits: { maxPayloadBytes: 67_108_864, maxBatchBytes: 67_108_864 },
    });
    await transport.close();
  });
});
