import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Cancellation } from '../src/cancellation.ts';
import { type Exchange, exchange } from '../src/client.ts';
import { Origin } from '../src/origin.ts';
import { quiet } from './support/message.ts';
import { always, startReceiver } from './support/receiver.ts';
import { closedPort, startTcp } from './support/tcp.ts';

interface Choice {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  readonly body?: Buffer;
}

function opened(url: string): Origin {
  const origin = new Origin(new URL(url), { concurrency: 4, allowPrivateAddresses: true, ca: undefined });
  onTestFinished(() => origin.destroy());
  return origin;
}

function send(
  origin: Origin,
  { timeoutMs = 3_600_000, signal = quiet(), body = Buffer.from('a') }: Choice = {},
): Promise<Exchange> {
  const outgoing = { path: '/in?a=1', headers: { 'content-length': String(body.length) }, body };
  return exchange(origin, outgoing, false, { timeoutMs, cancellation: new Cancellation(signal) });
}

/** Sends over a raw TCP server, which writes what it is told once a request has come. */
async function sendTo(
  reply: string,
  then: 'end' | 'keep' | 'reset' = 'end',
  choice: Choice = {},
): Promise<Exchange> {
  const port = await startTcp((socket) => {
    socket.once('data', () => {
      if (then === 'reset') socket.resetAndDestroy();
      else if (then === 'keep') socket.write(reply);
      else socket.end(reply);
    });
  });
  return send(opened(`http://localhost:${port}`), choice);
}

describe('an answer', () => {
  it('has status, headers and the beginning of the body', async () => {
    const { url, requests } = await startReceiver(always(422, { 'x-a': 'b' }, 'c'.repeat(5_000)));
    const answer = await send(opened(url));
    expect(answer).toMatchObject({ kind: 'answered', status: 422, headers: { 'x-a': 'b' } });
    expect((answer as { body: Buffer }).body.toString()).toBe('c'.repeat(2048));
    expect(requests[0]).toMatchObject({ method: 'POST', path: '/in?a=1', body: Buffer.from('a') });
  });

  it('counts although its body never ends', async () => {
    const receiver = await startReceiver((_request, response) => {
      response.writeHead(500).write('part');
    });
    const ended = send(opened(receiver.url), { timeoutMs: 200 });
    expect(await ended).toMatchObject({ kind: 'answered', status: 500, body: Buffer.from('part') });
  });

  it('counts although its body breaks off', async () => {
    const reply = 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\npart';
    expect(await sendTo(reply)).toMatchObject({ kind: 'answered', status: 200 });
  });

  it('is not read on and on', async () => {
    const receiver = await startReceiver((_request, response) => {
      response.writeHead(200);
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(16_384)));
      };
      response.on('drain', more);
      more();
    });
    const closed = new Promise((resolve) =>
      receiver.server.once('connection', (socket) => socket.once('close', resolve)),
    );
    expect(await send(opened(receiver.url))).toMatchObject({ kind: 'answered', status: 200 });
    await closed;
  });

  it('counts although it comes before the request was read, whose rest is not sent then', async () => {
    const sockets: Socket[] = [];
    let received = 0;
    const port = await startTcp((socket) => {
      sockets.push(socket);
      socket.on('data', (chunk) => {
        received += chunk.length;
      });
      socket.once('data', () => {
        socket.pause();
        socket.write('HTTP/1.1 413 Payload Too Large\r\ncontent-length: 0\r\n\r\n');
      });
    });
    const body = Buffer.alloc(32 * 1024 * 1024);
    const ended = await send(opened(`http://localhost:${port}`), { body });
    expect(ended).toMatchObject({ kind: 'answered', status: 413 });
    const closed = sockets.map((socket) => once(socket, 'close'));
    for (const socket of sockets) socket.resume();
    await Promise.all(closed);
    expect(received).toBeLessThan(body.length);
  });

  it('is preceded by informational ones', async () => {
    const reply = 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n';
    expect(await sendTo(reply)).toMatchObject({ kind: 'answered', status: 204 });
  });
});

describe('a lost request', () => {
  it.each([
    ['closes', '', 'end'],
    ['resets', '', 'reset'],
    ['breaks off in the status line', 'HTTP/1.1 20', 'end'],
    ['answers something else', 'SSH-2.0-OpenSSH_9.6\r\n', 'end'],
    [
      'switches protocols',
      'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
      'keep',
    ],
  ] as const)('is one whose receiver %s', async (_what, reply, then) => {
    expect(await sendTo(reply, then)).toMatchObject({ kind: 'lost', stale: false, error: expect.any(Error) });
  });

  it('is one whose receiver never answers', async () => {
    const ended = await sendTo('', 'keep', { timeoutMs: 100 });
    expect(ended).toMatchObject({
      kind: 'lost',
      stale: false,
      error: { message: 'no answer within 100 ms' },
    });
  });

  it('is stale when a kept-alive connection was closed under it', async () => {
    let connections = 0;
    const port = await startTcp((socket) => {
      connections += 1;
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
        socket.once('data', () => socket.resetAndDestroy());
      });
    });
    const origin = opened(`http://localhost:${port}`);
    expect(await send(origin)).toMatchObject({ kind: 'answered', status: 200 });
    expect(await send(origin)).toMatchObject({ kind: 'lost', stale: true });
    expect(connections).toBe(1);
  });
});

describe('an unsent request', () => {
  it('is one to a port where nobody listens', async () => {
    const ended = await send(opened(`http://127.0.0.1:${await closedPort()}`));
    expect(ended).toMatchObject({ kind: 'unsent', error: { code: 'ECONNREFUSED' } });
  });

  it('is one to a name that does not exist', async () => {
    expect(await send(opened('http://nowhere.invalid'))).toMatchObject({ kind: 'unsent' });
  });

  it('is one to a server that does not speak TLS', async () => {
    const port = await startTcp((socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    });
    expect(await send(opened(`https://localhost:${port}`))).toMatchObject({ kind: 'unsent' });
  });

  it('is one whose TLS handshake is never answered', async () => {
    const port = await startTcp((socket) => socket.resume());
    const ended = await send(opened(`https://localhost:${port}`), { timeoutMs: 100 });
    expect(ended).toMatchObject({ kind: 'unsent', error: { message: 'no answer within 100 ms' } });
  });
});

describe('a cancelled request', () => {
  it('may have been sent once there was a connection', async () => {
    const control = new AbortController();
    const { url, arrived } = await startReceiver(() => undefined);
    const ended = send(opened(url), { signal: control.signal });
    await arrived(1);
    control.abort();
    expect(await ended).toEqual({ kind: 'cancelled', sent: true });
  });

  it('was not sent before', async () => {
    const control = new AbortController();
    const port = await startTcp((socket) => {
      socket.resume();
      control.abort();
    });
    const ended = send(opened(`https://localhost:${port}`), { signal: control.signal });
    expect(await ended).toEqual({ kind: 'cancelled', sent: false });
  });
});
