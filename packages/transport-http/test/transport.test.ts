import { randomBytes } from 'node:crypto';
import { guardTransport } from '@outrelay/core';
import { describe, expect, it, vi } from 'vitest';
import { capabilities, httpTransport, parseHttpMessage } from '../src/index.ts';
import { message, quiet } from './support/message.ts';
import { accept, startReceiver } from './support/receiver.ts';
import { closedPort } from './support/tcp.ts';

describe('httpTransport', () => {
  it('declares what it does', () => {
    const transport = httpTransport({ url: 'http://localhost' });
    expect(transport).toMatchObject({ spec: 1, name: 'http', capabilities });
    expect(guardTransport(transport)).toMatchObject({ name: 'http' });
  });

  it.each(['binary', 'structured'] as const)(
    'delivers what a receiver can verify and restore, %s',
    async (format) => {
      const secrets = [
        `whsec_${randomBytes(32).toString('base64')}`,
        `whsec_${randomBytes(32).toString('base64')}`,
      ];
      const { url, requests } = await startReceiver();
      const transport = httpTransport({ url, secrets, format, source: '/shop' });
      const sent = message({ key: 'ü', headers: { Tenant: 'acme' }, payload: '{"n":9007199254740993}' });
      expect(await transport.publish([sent], quiet())).toEqual([{ status: 'accepted' }]);
      const [request] = requests;
      if (request === undefined) throw new Error('no request came');
      for (const secret of secrets) {
        const received = parseHttpMessage(request.headers, request.body, { secrets: secret });
        expect({ ...received, payload: Buffer.from(received.payload ?? []).toString() }).toEqual({
          ...sent,
          source: '/shop',
        });
      }
      await transport.close();
    },
  );

  it('closes when the calls under way have ended, and refuses calls from then on', async () => {
    const held: (() => void)[] = [];
    const receiver = await startReceiver((_request, response) => {
      held.push(() => response.end());
    });
    const transport = guardTransport(httpTransport({ url: receiver.url }));
    const published = transport.publish([message()], quiet());
    await receiver.arrived(1);
    const order: string[] = [];
    const noted = [
      published.then(() => order.push('published')),
      transport.close().then(() => order.push('closed')),
      transport.close().then(() => order.push('closed again')),
    ];
    await expect(transport.publish([message()], quiet())).rejects.toThrow(
      expect.objectContaining({ code: 'TRANSPORT_CLOSED' }),
    );
    expect(order).toEqual([]);
    for (const release of held) release();
    await Promise.all(noted);
    expect(order).toEqual(['published', 'closed', 'closed again']);
    expect(await published).toEqual([{ status: 'accepted' }]);
  });

  it('leaves nothing behind that keeps the process alive (T5.4)', async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();
    const receiver = await startReceiver(accept);
    receiver.server.keepAliveTimeout = 0;
    let open = 0;
    receiver.server.on('connection', (socket) => {
      open += 1;
      socket.once('close', () => {
        open -= 1;
      });
    });
    const transport = httpTransport({ url: receiver.url });
    await transport.connectivity?.check(quiet());
    await transport.publish([message()], quiet());
    await vi.waitFor(() => expect(open).toBe(1));
    await transport.close();
    await vi.waitFor(() => expect(open).toBe(0));
    await receiver.close();
    await vi.waitFor(() => expect(timers()).toBeLessThanOrEqual(before));
  });

  it('never shows a secret, not even when the receiver repeats the request', async () => {
    const secret = `whsec_${randomBytes(24).toString('base64')}`;
    const hidden = [
      'hunter2-hunter2',
      'token-0123456789',
      'path-9876543210',
      'query-5555555555',
      'a-very-private-value',
    ];
    const [password, token, path, query, value] = hidden;
    const { port } = await startReceiver((request, response) => {
      const authorization = Buffer.from(String(request.headers.authorization).slice(6), 'base64').toString();
      const repeated = {
        basic: [400, authorization],
        headers: [500, JSON.stringify(request.headers)],
        path: [404, `Cannot POST ${request.path}`],
        body: [503, request.body.toString()],
        reset: [0, ''],
      }[String(request.headers['ce-type'])] ?? [200, ''];
      if (repeated[0] === 0) request.socket.destroy();
      else response.writeHead(Number(repeated[0])).end(repeated[1]);
    });
    const url = (target: number): string =>
      `http://me:${password}@localhost:${target}/hooks/${path}?key=${query}`;
    const transport = httpTransport({ url: url(port), secret, headers: { 'x-token': `Bearer ${token}` } });
    const topics = ['basic', 'headers', 'path', 'body', 'reset'];
    const messages = topics.map((topic) => message({ topic, payload: JSON.stringify({ value }) }));
    const errors: unknown[] = [];
    for (const result of await transport.publish(messages, quiet())) {
      errors.push('error' in result ? result.error : undefined);
    }
    const down = httpTransport({ url: url(await closedPort()), secret });
    errors.push(await down.publish(messages, quiet()).catch((error: unknown) => error));
    errors.push(await down.connectivity?.check(quiet()).catch((error: unknown) => error));
    expect(errors).toHaveLength(topics.length + 2);
    for (const error of errors) {
      expect(error).toBeInstanceOf(Error);
      const { message: text, stack, cause } = error as Error;
      const shown = [text, stack, JSON.stringify(error), String(cause), JSON.stringify(cause)].join('\n');
      for (const part of [...hidden, secret, Buffer.from(`me:${password}`).toString('base64')]) {
        expect(shown).not.toContain(part);
      }
    }
    await Promise.all([transport.close(), down.close()]);
  });
});
