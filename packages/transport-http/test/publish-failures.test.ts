import type { Message } from '@outrelay/core';
import { describe, expect, it } from 'vitest';
import { httpTransport } from '../src/index.ts';
import { keyed, message, quiet, statuses } from './support/message.ts';
import { accept, byId, startReceiver } from './support/receiver.ts';
import { closedPort, startTcp } from './support/tcp.ts';

const UNAVAILABLE = expect.objectContaining({ code: 'TRANSPORT_UNAVAILABLE', retryable: true });

describe('an endpoint out of reach (T1.7)', () => {
  it('rejects the call when nothing was sent', async () => {
    const transport = httpTransport({ url: `http://localhost:${await closedPort()}` });
    await expect(transport.publish(keyed(['a', 'a', null]), quiet())).rejects.toThrow(UNAVAILABLE);
    await transport.close();
  });

  it('withholds what was not sent when some of the call was', async () => {
    const down = await closedPort();
    const { url } = await startReceiver();
    const transport = httpTransport({ url, urls: { 'b.*': `http://localhost:${down}` } });
    const messages = ['a.a', 'b.a', 'a.b', 'b.b'].map((topic) => message({ topic }));
    const results = await transport.publish(messages, quiet());
    expect(statuses(results)).toEqual(['accepted', 'withheld', 'accepted', 'withheld']);
    await expect(transport.publish([message({ topic: 'b.a' })], quiet())).rejects.toThrow(UNAVAILABLE);
    await transport.close();
  });

  it('is one that goes away in the middle of a call', async () => {
    const receiver = await startReceiver((_request, response, index) => {
      if (index === 0) {
        response.setHeader('connection', 'close');
        receiver.server.close();
      }
      response.end();
    });
    const transport = httpTransport({ url: receiver.url, concurrency: 1 });
    const results = await transport.publish(keyed([null, null, null]), quiet());
    expect(statuses(results)).toEqual(['accepted', 'withheld', 'withheld']);
    await transport.close();
  });

  it('is tried once in a call, not once for every message', async () => {
    let connections = 0;
    const port = await startTcp((socket) => {
      connections += 1;
      socket.once('data', () => socket.end('this is not TLS'));
    });
    const transport = httpTransport({ url: `https://localhost:${port}`, concurrency: 1 });
    await expect(transport.publish(keyed([null, 'a', 'a', 'b']), quiet())).rejects.toThrow(UNAVAILABLE);
    expect(connections).toBe(1);
    await transport.close();
  });

  it('is one with a private address when those are not allowed', async () => {
    const { url, requests } = await startReceiver();
    const transport = httpTransport({ url, allowPrivateAddresses: false });
    await expect(transport.publish([message()], quiet())).rejects.toThrow('localhost has no public address');
    expect(requests).toEqual([]);
    await transport.close();
  });
});

describe('an endpoint that answers 410', () => {
  it('gets nothing more, and says so until the transport is created anew', async () => {
    const { url, requests } = await startReceiver(byId({ m1: 410 }));
    const transport = httpTransport({ url, concurrency: 1 });
    const results = await transport.publish(keyed([null, null, null]), quiet());
    expect(statuses(results)).toEqual(['accepted', 'failed', 'withheld']);
    const gone = expect.objectContaining({
      code: 'TRANSPORT_UNAVAILABLE',
      retryable: false,
      message: expect.stringContaining('410'),
    });
    await expect(transport.publish([message()], quiet())).rejects.toThrow(gone);
    await expect(transport.connectivity?.check(quiet())).rejects.toThrow(gone);
    expect(requests).toHaveLength(2);
    await transport.close();
    const anew = httpTransport({ url });
    expect(statuses(await anew.publish([message()], quiet()))).toEqual(['accepted']);
    await anew.close();
  });

  it('does not stop the other URLs, not even of its origin', async () => {
    const { url } = await startReceiver((request, response) => {
      response.writeHead(request.path === '/a' ? 410 : 200).end();
    });
    const transport = httpTransport({ urls: { a: `${url}/a`, b: `${url}/b` } });
    const pair = (): readonly Message[] => [message({ topic: 'a' }), message({ topic: 'b' })];
    expect(statuses(await transport.publish(pair(), quiet()))).toEqual(['failed', 'accepted']);
    expect(statuses(await transport.publish(pair(), quiet()))).toEqual(['withheld', 'accepted']);
    await expect(transport.connectivity?.check(quiet())).resolves.toBeUndefined();
    await transport.close();
  });
});

describe('a request without an answer (T1.6)', () => {
  it('is unknown, and its key waits', async () => {
    const { url } = await startReceiver((request, response) => {
      if (request.headers['ce-id'] === 'm0') request.socket.destroy();
      else response.end();
    });
    const transport = httpTransport({ url });
    const results = await transport.publish(keyed(['a', 'a', 'b']), quiet());
    expect(statuses(results)).toEqual(['unknown', 'withheld', 'accepted']);
    expect(results[0]).toMatchObject({ error: { code: 'TRANSPORT_OUTCOME_UNKNOWN' } });
    await transport.close();
  });

  it('is unknown when the time is up', async () => {
    const port = await startTcp((socket) => socket.resume());
    const transport = httpTransport({ url: `http://localhost:${port}`, timeoutMs: 100 });
    expect(statuses(await transport.publish([message()], quiet()))).toEqual(['unknown']);
    await transport.close();
  });

  it('is sent once more, on a new connection, when the kept-alive one had been closed', async () => {
    const { url, requests } = await startReceiver((request, response, index) => {
      if (index === 1) request.socket.resetAndDestroy();
      else response.end();
    });
    const transport = httpTransport({ url });
    for (const id of ['a', 'b', 'c']) {
      expect(statuses(await transport.publish([message({ id })], quiet()))).toEqual(['accepted']);
    }
    expect(requests.map((request) => request.headers['ce-id'])).toEqual(['a', 'b', 'b', 'c']);
    expect(requests[2]?.headers.connection).toBe('close');
    await transport.close();
  });

  it('is unknown when it was sent on a kept-alive connection and the receiver is gone since', async () => {
    const receiver = await startReceiver((request, response, index) => {
      if (index === 0) {
        response.end();
        return;
      }
      receiver.server.close();
      request.socket.resetAndDestroy();
    });
    const transport = httpTransport({ url: receiver.url });
    expect(statuses(await transport.publish([message()], quiet()))).toEqual(['accepted']);
    expect(statuses(await transport.publish([message()], quiet()))).toEqual(['unknown']);
    await expect(transport.publish([message()], quiet())).rejects.toThrow(UNAVAILABLE);
    await transport.close();
  });
});

describe('an abort (T5.2)', () => {
  it('leaves what was sent unknown and withholds the rest', async () => {
    const { url, arrived } = await startReceiver((request, response) => {
      if (request.headers['ce-id'] === 'm0') response.end();
    });
    const control = new AbortController();
    const transport = httpTransport({ url, concurrency: 2 });
    const published = transport.publish(keyed(['a', 'a', 'b', 'c', 'b']), control.signal);
    await arrived(3);
    control.abort();
    const results = await published;
    expect(results[0]?.status).toBe('accepted');
    expect(statuses(results).toSorted()).toEqual(['accepted', 'unknown', 'unknown', 'withheld', 'withheld']);
    await transport.close();
  });

  it('sends nothing when it came before', async () => {
    const { url, requests } = await startReceiver(accept);
    const transport = httpTransport({ url });
    const results = await transport.publish(keyed(['a', null]), AbortSignal.abort());
    expect(statuses(results)).toEqual(['withheld', 'withheld']);
    expect(requests).toEqual([]);
    await transport.close();
  });
});
