import { mkdir } from 'node:fs/promises';
import { OutboxError } from '@outrelay/core';
import { until } from '@outrelay/servers';
import { describe, expect, it } from 'vitest';
import { message, quiet, series } from './support/messages.ts';
import { clientOf, ownRedis, payloads } from './support/redis.ts';
import { errorIn, open, statuses } from './support/transport.ts';

const ALL_OF_THREE = ['failed', 'withheld', 'failed'];

/** Three messages for a stream: two of one key, one of another. */
function three(topic: string) {
  return ['a', 'a', 'b'].map((key, at) => message({ topic, key, payload: String(at) }));
}

describe('a stream that takes nothing', () => {
  it('fails when the key holds something else; other streams go on', async () => {
    const { url } = await ownRedis();
    const client = clientOf(url);
    await client.set('taken', 'by somebody');
    const transport = open({ url });
    const results = await transport.publish([...three('taken'), ...three('free')], quiet());
    expect(statuses(results)).toEqual([...ALL_OF_THREE, 'accepted', 'accepted', 'accepted']);
    expect(errorIn(results[0])).toContain('WRONGTYPE');
    expect(results[0]).toMatchObject({ error: { code: 'TRANSPORT_FAILED', retryable: true } });
    expect(await client.get('taken')).toBe('by somebody');
  });

  it.each([1, 1000])('stops where its ids are used up, in chunks of %i', async (chunkMessages) => {
    const { url } = await ownRedis();
    const client = clientOf(url);
    const last = 18_446_744_073_709_551_615n;
    await client.xadd('ending', `${last}-${last - 3n}`, 'made', 'up');
    await client.xdel('ending', `${last}-${last - 3n}`);
    const sent = ['a', 'b', 'c', 'a', 'b', 'd', 'd'].map((key, at) =>
      message({ topic: 'ending', key, payload: String(at) }),
    );
    const results = await open({ url, chunkMessages }).publish(sent, quiet());
    expect(await payloads(client, 'ending')).toEqual(['0', '1', '2']);
    const rest =
      chunkMessages === 1
        ? ['failed', 'withheld', 'withheld', 'withheld']
        : ['failed', 'failed', 'failed', 'withheld'];
    expect(statuses(results)).toEqual(['accepted', 'accepted', 'accepted', ...rest]);
    expect(errorIn(results[3])).toContain('exhausted the last possible ID');
  });

  it('fails for a user who may not use it', async () => {
    const { url, port } = await ownRedis();
    await clientOf(url).call('ACL', 'SETUSER', 'shop', 'on', '>pw', '+@all', '~shop:*');
    const transport = open({ url: `redis://shop:pw@127.0.0.1:${port}` });
    const results = await transport.publish([...three('shop:order'), ...three('other')], quiet());
    expect(statuses(results)).toEqual(['accepted', 'accepted', 'accepted', ...ALL_OF_THREE]);
    expect(errorIn(results[3])).toContain('NOPERM');
  });
});

describe('a server that takes no writes for now', () => {
  it('fails messages while it is full, and takes them again when there is room', async () => {
    const { url } = await ownRedis('--maxmemory-policy', 'noeviction');
    const client = clientOf(url);
    const transport = open({ url });
    await client.config('SET', 'maxmemory', '1');
    for (const batch of [three('order'), [message({ topic: 'order' })]]) {
      const results = await transport.publish(batch, quiet());
      expect(statuses(results)).toEqual(ALL_OF_THREE.slice(0, batch.length));
      expect(errorIn(results[0])).toContain('OOM');
    }
    expect(await client.exists('order')).toBe(0);
    await client.config('SET', 'maxmemory', '0');
    expect(statuses(await transport.publish(three('order'), quiet()))).toEqual([
      'accepted',
      'accepted',
      'accepted',
    ]);
  });

  it('becomes full in the middle of many messages without breaking the order of a key', async () => {
    const { url } = await ownRedis('--maxmemory', '8mb', '--maxmemory-policy', 'noeviction');
    const transport = open({ url, chunkMessages: 20 });
    const sent = series(20_000, 'filling', ['a', 'b', 'c']).map((each) => ({
      ...each,
      payload: each.payload + 'x'.repeat(1_000),
    }));
    const results = await transport.publish(sent.slice(0, 10_000), quiet());
    const accepted = sent.filter((_, at) => results[at]?.status === 'accepted');
    expect(new Set(statuses(results))).toEqual(new Set(['accepted', 'failed', 'withheld']));
    expect(await payloads(clientOf(url), 'filling')).toEqual(accepted.map(({ payload }) => payload));
    for (const key of ['a', 'b', 'c']) {
      const own = results.filter((_, at) => sent[at]?.key === key).map(({ status }) => status);
      expect(own.slice(0, own.lastIndexOf('accepted') + 1)).not.toContain('withheld');
      expect(own.filter((status) => status === 'failed')).toHaveLength(1);
    }
  });

  it('fails messages while too few replicas are in step', async () => {
    const { url } = await ownRedis('--min-replicas-to-write', '1');
    const client = clientOf(url);
    const transport = open({ url });
    for (const batch of [three('order'), [message({ topic: 'order' })]]) {
      const results = await transport.publish(batch, quiet());
      expect(statuses(results)).toEqual(ALL_OF_THREE.slice(0, batch.length));
      expect(errorIn(results[0])).toContain('NOREPLICAS');
    }
    await client.config('SET', 'min-replicas-to-write', '0');
    expect(statuses(await transport.publish(three('order'), quiet()))).toEqual([
      'accepted',
      'accepted',
      'accepted',
    ]);
  });
});

describe('a message that is too large for the server', () => {
  it.each([1, 1000])('is rejected, its neighbours pass, in chunks of %i', async (chunkMessages) => {
    const { url } = await ownRedis('--proto-max-bulk-len', '1mb');
    const transport = open({ url, chunkMessages });
    const large = 'x'.repeat(1_048_577);
    const sent = [
      message({ topic: 'order', key: 'a', payload: '0' }),
      message({ topic: 'order', key: 'b', payload: large }),
      message({ topic: 'order', key: 'b', payload: 'never' }),
      message({ topic: 'order', key: 'a', payload: '1' }),
      message({ topic: 'order', key: 'c', payload: large }),
      message({ topic: 'stock', key: 'b', payload: '2' }),
      message({ topic: 'order', key: null, payload: '3' }),
    ];
    const results = await transport.publish(sent, quiet());
    expect(statuses(results)).toEqual([
      'accepted',
      'rejected',
      'withheld',
      'accepted',
      'rejected',
      'accepted',
      'accepted',
    ]);
    expect(results[1]).toMatchObject({ error: { code: 'MESSAGE_TOO_LARGE' } });
    expect(errorIn(results[1])).toContain('proto-max-bulk-len');
    const client = clientOf(url);
    expect(await payloads(client, 'order')).toEqual(['0', '1', '3']);
    expect(await payloads(client, 'stock')).toEqual(['2']);
  });
});

describe('a server that serves nobody', () => {
  async function unavailable(publish: Promise<unknown>): Promise<string> {
    const error: unknown = await publish.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(OutboxError);
    expect(error).toMatchObject({ code: 'TRANSPORT_UNAVAILABLE' });
    return (error as OutboxError).message;
  }

  it('is unavailable while it is a replica, and found again as a primary', async () => {
    const { url } = await ownRedis();
    const client = clientOf(url);
    const transport = open({ url });
    await client.replicaof('127.0.0.1', 1);
    expect(await unavailable(transport.publish(three('order'), quiet()))).toContain('READONLY');
    expect(await unavailable(transport.publish([message()], quiet()))).toContain('READONLY');
    expect(await unavailable(transport.connectivity?.check(quiet()) as Promise<void>)).toContain(
      'its role is "slave"',
    );
    await client.replicaof('NO', 'ONE');
    await expect(transport.connectivity?.check(quiet())).resolves.toBeUndefined();
    expect(statuses(await transport.publish(three('order'), quiet()))).toEqual([
      'accepted',
      'accepted',
      'accepted',
    ]);
    expect(await client.xlen('order')).toBe(3);
  });

  it('is unavailable as a replica that lost its primary', async () => {
    const { url } = await ownRedis('--replicaof', '127.0.0.1 1', '--replica-serve-stale-data', 'no');
    const transport = open({ url });
    expect(await unavailable(transport.publish(three('order'), quiet()))).toContain('MASTERDOWN');
    expect(await unavailable(transport.connectivity?.check(quiet()) as Promise<void>)).toContain(
      'MASTERDOWN',
    );
  });

  it('is unavailable while a script runs for too long', async () => {
    const { url } = await ownRedis('--busy-reply-threshold', '10');
    const [busy, client] = [clientOf(url), clientOf(url)];
    await client.ping();
    const transport = open({ url });
    await transport.publish([message()], quiet());
    const running = busy.eval('while true do end', 0).catch((error: Error) => error.message);
    await until('the script runs', () => expect(client.ping()).rejects.toThrow('BUSY'));
    expect(await unavailable(transport.publish(three('order'), quiet()))).toContain('BUSY');
    expect(await unavailable(transport.connectivity?.check(quiet()) as Promise<void>)).toContain('BUSY');
    await client.script('KILL');
    expect(await running).toContain('killed');
    expect(statuses(await transport.publish(three('order'), quiet()))).toEqual([
      'accepted',
      'accepted',
      'accepted',
    ]);
  });

  it('is unavailable while it cannot save to disk', async () => {
    const { url, directory } = await ownRedis('--save', '3600 1');
    const client = clientOf(url);
    await client.set('changed', '1');
    const transport = open({ url });
    await transport.publish([message({ topic: 'before' })], quiet());
    // A directory in the place of the file makes every save fail.
    await mkdir(`${directory}/dump.rdb`, { recursive: true });
    await client.bgsave();
    await until('the save failed', async () =>
      expect(await client.info('persistence')).toContain('rdb_last_bgsave_status:err'),
    );
    expect(await unavailable(transport.publish(three('order'), quiet()))).toContain('MISCONF');
    expect(await unavailable(transport.connectivity?.check(quiet()) as Promise<void>)).toContain('MISCONF');
    // It would refuse to end.
    await client.config('SET', 'save', '');
  });

  it.each([
    ['a wrong password', 'redis://shop:s3cret@', /WRONGPASS|invalid username-password/],
    ['no password', 'redis://', /NOAUTH/],
  ])('is unavailable with %s, which no error shows', async (_, scheme, reason) => {
    const { port, url } = await ownRedis();
    const client = clientOf(url);
    await client.config('SET', 'requirepass', 'right');
    const transport = open({ url: `${scheme}127.0.0.1:${port}` });
    for (const call of [transport.publish(three('order'), quiet()), transport.connectivity?.check(quiet())]) {
      const text = await unavailable(call as Promise<unknown>);
      expect(text).toMatch(reason);
      expect(text).not.toContain('s3cret');
    }
  });

  it.each([
    ['EVAL', ['-eval'], 2, /NOPERM.*eval/],
    ['XADD', ['-xadd'], 1, /NOPERM.*xadd/],
    ['XADD in scripts', ['-xadd'], 2, /can't run this command/],
  ])('is unavailable to a user who may not use %s', async (_, rules, count, reason) => {
    const { url, port } = await ownRedis();
    await clientOf(url).call('ACL', 'SETUSER', 'shop', 'on', '>s3cret', '~*', '+@all', ...rules);
    const transport = open({ url: `redis://shop:s3cret@127.0.0.1:${port}` });
    const text = await unavailable(transport.publish(three('order').slice(-count), quiet()));
    expect(text).toMatch(reason);
  });

  it('serves a user who may do no more than it needs', async () => {
    const { url, port } = await ownRedis();
    await clientOf(url).call('ACL', 'SETUSER', 'shop', 'on', '>pw', '~*', '+eval', '+xadd', '+ping');
    const transport = open({ url: `redis://shop:pw@127.0.0.1:${port}` });
    await expect(transport.connectivity?.check(quiet())).resolves.toBeUndefined();
    expect(statuses(await transport.publish(three('order'), quiet()))).toEqual([
      'accepted',
      'accepted',
      'accepted',
    ]);
    expect(statuses(await transport.publish([message()], quiet()))).toEqual(['accepted']);
  });

  it('is unavailable when it has no room for another client', async () => {
    const { url } = await ownRedis('--maxclients', '1');
    const client = clientOf(url);
    await client.ping();
    const transport = open({ url, connectTimeoutMs: 2_000 });
    // The server says why and closes at once; which of the two is noticed first is chance.
    expect(await unavailable(transport.publish(three('order'), quiet()))).toContain('cannot be reached');
    client.disconnect();
    await until('there is room', async () => transport.connectivity?.check(quiet()));
    expect(statuses(await transport.publish(three('order'), quiet()))).toEqual([
      'accepted',
      'accepted',
      'accepted',
    ]);
  });
});
