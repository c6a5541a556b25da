import { until } from '@outrelay/servers';
import { describe, expect, it } from 'vitest';
import { message, quiet, series } from './support/messages.ts';
import { testProxy } from './support/proxy.ts';
import { clientOf, DURABLE, ownRedis, payloads, received } from './support/redis.ts';
import { errorIn, open, statuses } from './support/transport.ts';

const UNAVAILABLE = { code: 'TRANSPORT_UNAVAILABLE' };
const one = () => [message({ topic: 'order', key: 'k' })];

describe('connecting', () => {
  it('happens at the first call, which waits for it', async () => {
    const server = await ownRedis();
    const proxy = await testProxy(server.port);
    const transport = open({ url: proxy.url });
    expect(proxy.connections).toBe(0);
    const results = await Promise.all(Array.from({ length: 30 }, () => transport.publish(one(), quiet())));
    expect(results.flatMap(statuses)).toEqual(Array.from({ length: 30 }, () => 'accepted'));
    expect(proxy.connections).toBe(1);
  });

  it('fails at once when nobody listens, and succeeds when somebody does', async () => {
    const server = await ownRedis();
    await server.stop();
    const transport = open({ url: server.url });
    await expect(transport.publish(one(), quiet())).rejects.toMatchObject(UNAVAILABLE);
    await expect(transport.connectivity?.check(quiet())).rejects.toThrow('ECONNREFUSED');
    await server.start();
    await until('the server is found', () => transport.connectivity?.check(quiet()));
    expect(statuses(await transport.publish(one(), quiet()))).toEqual(['accepted']);
  });

  it('is given up after the time limit when nobody answers', async () => {
    const server = await ownRedis();
    const proxy = await testProxy(server.port);
    proxy.mute();
    const transport = open({ url: proxy.url, connectTimeoutMs: 200 });
    const publishing = transport.publish(one(), quiet());
    await expect(publishing).rejects.toMatchObject(UNAVAILABLE);
    await expect(publishing).rejects.toThrow('not ready within 200 ms');
  });

  it('is not waited for by a call that is aborted: nothing was sent', async () => {
    const server = await ownRedis();
    const proxy = await testProxy(server.port);
    proxy.mute();
    const transport = open({ url: proxy.url });
    const abort = new AbortController();
    const publishing = transport.publish(one(), abort.signal);
    await until('the connection is tried', () => expect(proxy.connections).toBeGreaterThan(0));
    abort.abort();
    expect(statuses(await publishing)).toEqual(['withheld']);
    expect(statuses(await transport.publish(one(), abort.signal))).toEqual(['withheld']);
  });
});

describe('a connection that is lost', () => {
  it('while it is idle is replaced before anybody notices', async () => {
    const server = await ownRedis(...DURABLE);
    const transport = open({ url: server.url });
    await transport.publish(one(), quiet());
    await server.restart();
    expect(statuses(await transport.publish(one(), quiet()))).toEqual(['accepted']);
    expect(await received(clientOf(server.url), 'order')).toHaveLength(2);
  });

  it('makes what was sent unknown, and withholds what was not', async () => {
    const server = await ownRedis();
    const client = clientOf(server.url);
    const transport = open({ url: server.url, chunkMessages: 3 });
    await transport.publish(one(), quiet());
    await client.call('CLIENT', 'PAUSE', '10000', 'WRITE');
    const publishing = transport.publish(series(8, 'paused', ['a', 'b']), quiet());
    await until('the script waits', async () =>
      expect(await client.info('clients')).toMatch(/^blocked_clients:1/m),
    );
    const [, id] = /^id=(\d+) .* name=outrelay .*$/m.exec(String(await client.client('LIST'))) ?? [];
    await client.call('CLIENT', 'KILL', 'ID', String(id));
    const results = await publishing;
    expect(statuses(results)).toEqual([...Array(3).fill('unknown'), ...Array(5).fill('withheld')]);
    expect(results[0]).toMatchObject({ error: { code: 'TRANSPORT_OUTCOME_UNKNOWN' } });
    await client.call('CLIENT', 'UNPAUSE');
    expect(statuses(await transport.publish(series(2, 'paused'), quiet()))).toEqual(['accepted', 'accepted']);
  });

  it('after the messages were stored makes them unknown too', async () => {
    const server = await ownRedis();
    const proxy = await testProxy(server.port);
    const transport = open({ url: proxy.url });
    await transport.publish([message({ topic: 'before' })], quiet());
    proxy.swallowReplies();
    const publishing = transport.publish(one(), quiet());
    const client = clientOf(server.url);
    await until('it is stored', async () => expect(await client.xlen('order')).toBe(1));
    proxy.cut();
    expect(statuses(await publishing)).toEqual(['unknown']);
  });
});

describe('a server that hangs', () => {
  it('makes messages unknown after the time limit, and keeps their order when it goes on', async () => {
    const server = await ownRedis();
    const client = clientOf(server.url);
    const transport = open({ url: server.url, commandTimeoutMs: 300, connectTimeoutMs: 300 });
    const sent = series(4, 'hanging', ['k']);
    await transport.publish([message({ topic: 'before' })], quiet());
    await client.call('CLIENT', 'PAUSE', '600000', 'WRITE');
    const results = await transport.publish(sent, quiet());
    expect(statuses(results)).toEqual(Array(4).fill('unknown'));
    expect(errorIn(results[0])).toContain('none within 300 ms');
    await client.call('CLIENT', 'UNPAUSE');
    await until('they are accepted', async () =>
      expect(statuses(await transport.publish(sent, quiet()))).toEqual(Array(4).fill('accepted')),
    );
    const got = await payloads(client, 'hanging');
    expect([...new Set(got)]).toEqual(['0', '1', '2', '3']);
  });

  it('lets a call be aborted: soon, and unknown', async () => {
    const server = await ownRedis();
    const client = clientOf(server.url);
    const transport = open({ url: server.url, chunkMessages: 2 });
    await transport.publish([message({ topic: 'before' })], quiet());
    await client.call('CLIENT', 'PAUSE', '600000', 'WRITE');
    const abort = new AbortController();
    const publishing = transport.publish(series(5, 'aborted', ['k']), abort.signal);
    await until('the script waits', async () =>
      expect(await client.info('clients')).toMatch(/^blocked_clients:1/m),
    );
    abort.abort();
    const results = await publishing;
    expect(statuses(results)).toEqual(['unknown', 'unknown', 'withheld', 'withheld', 'withheld']);
    expect(errorIn(results[0])).toContain('the call was aborted');
    await client.call('CLIENT', 'UNPAUSE');
  });
});

describe('a connection that is silently dead', () => {
  it('is found by the call that uses it, within the time limit for answers', async () => {
    const server = await ownRedis();
    const proxy = await testProxy(server.port);
    const transport = open({ url: proxy.url, commandTimeoutMs: 200 });
    await transport.publish(one(), quiet());
    proxy.freeze();
    expect(statuses(await transport.publish(one(), quiet()))).toEqual(['unknown']);
    expect(statuses(await transport.publish(one(), quiet()))).toEqual(['accepted']);
    expect(proxy.connections).toBe(2);
  });

  it('is found while nobody uses it, by a ping', async () => {
    const server = await ownRedis();
    const proxy = await testProxy(server.port);
    const transport = open({ url: proxy.url, commandTimeoutMs: 100, pingIntervalMs: 50 });
    await transport.publish(one(), quiet());
    proxy.freeze();
    await until('there is a new connection', () => expect(proxy.connections).toBe(2));
    expect(statuses(await transport.publish(one(), quiet()))).toEqual(['accepted']);
  });

  it('is found by a check', async () => {
    const server = await ownRedis();
    const proxy = await testProxy(server.port);
    const transport = open({ url: proxy.url, commandTimeoutMs: 100 });
    await transport.publish(one(), quiet());
    proxy.freeze();
    await expect(transport.connectivity?.check(quiet())).rejects.toThrow('no answer to PING (timeout)');
    await expect(transport.connectivity?.check(quiet())).resolves.toBeUndefined();
  });
});

describe('a check', () => {
  it('can be aborted', async () => {
    const server = await ownRedis();
    const proxy = await testProxy(server.port);
    const transport = open({ url: proxy.url });
    await transport.connectivity?.check(quiet());
    proxy.freeze();
    const abort = new AbortController();
    const checking = transport.connectivity?.check(abort.signal);
    abort.abort();
    await expect(checking).rejects.toThrow('the check was aborted');
    await expect(transport.connectivity?.check(abort.signal)).rejects.toMatchObject(UNAVAILABLE);
  });
});
