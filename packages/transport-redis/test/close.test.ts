import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { until } from '@outrelay/servers';
import { describe, expect, it } from 'vitest';
import { redisTransport } from '../src/index.ts';
import { message, quiet } from './support/messages.ts';
import { testProxy } from './support/proxy.ts';
import { clientOf, ownRedis } from './support/redis.ts';
import { open, statuses } from './support/transport.ts';

async function connections(url: string): Promise<number> {
  const list = String(await clientOf(url).client('LIST'));
  return list.split('\n').filter((line) => line.includes('name=outrelay')).length;
}

describe('closing', () => {
  it('waits for calls under way, then refuses new ones, as often as it is called', async () => {
    const server = await ownRedis();
    const transport = open({ url: server.url });
    const publishing = transport.publish([message()], quiet());
    const closing = transport.close();
    expect(statuses(await publishing)).toEqual(['accepted']);
    await closing;
    await transport.close();
    await expect(transport.publish([message()], quiet())).rejects.toMatchObject({ code: 'TRANSPORT_CLOSED' });
    expect(await connections(server.url)).toBe(0);
  });

  it('works before any call', async () => {
    await expect(redisTransport({ url: 'redis://127.0.0.1:1' }).close()).resolves.toBeUndefined();
  });

  it('waits for a call that waits for its connection', async () => {
    const server = await ownRedis();
    const proxy = await testProxy(server.port);
    proxy.mute();
    const transport = open({ url: proxy.url, connectTimeoutMs: 200 });
    const publishing = transport.publish([message()], quiet());
    const closing = transport.close();
    await expect(publishing).rejects.toMatchObject({ code: 'TRANSPORT_UNAVAILABLE' });
    await expect(closing).resolves.toBeUndefined();
  });

  it('does not wait for a server that is silently dead', async () => {
    const server = await ownRedis();
    const proxy = await testProxy(server.port);
    const transport = open({ url: proxy.url });
    await transport.publish([message()], quiet());
    proxy.freeze();
    await expect(transport.close()).resolves.toBeUndefined();
  });

  it('ends attempts to connect', async () => {
    const server = await ownRedis();
    const proxy = await testProxy(server.port);
    const transport = open({ url: proxy.url });
    await transport.publish([message()], quiet());
    await server.stop();
    await until('it tries again', () => expect(proxy.connections).toBeGreaterThan(2));
    await transport.close();
    const before = proxy.connections;
    await server.start();
    expect(await connections(server.url)).toBe(0);
    expect(proxy.connections).toBe(before);
  });

  it.each([
    ['after use', 'await transport.publish([message], new AbortController().signal);'],
    ['before use', ''],
    [
      'while it connects',
      'transport.publish([message], new AbortController().signal).catch(() => undefined);',
    ],
  ])('%s leaves nothing that keeps the process alive', async (_, use) => {
    const server = await ownRedis();
    const program = `
      import { redisTransport } from '@outrelay/transport-redis';
      const transport = redisTransport({ url: process.argv[1] });
      const message = { id: 'm', topic: 't', key: null, headers: {}, payload: '1', contentType: 'text/plain', createdAt: new Date(), deduplicationId: 'm' };
      ${use}
      await transport.close();
      console.log('closed');
    `;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program, server.url], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number];
    expect({ code, output }).toEqual({ code: 0, output: 'closed\n' });
  });
});
