import { describe, expect, it, vi } from 'vitest';
import { httpTransport } from '../src/index.ts';
import { makeCertificate } from './support/certificate.ts';
import { quiet } from './support/message.ts';
import { accept, startReceiver } from './support/receiver.ts';
import { closedPort, startTcp } from './support/tcp.ts';

const check = (options: Parameters<typeof httpTransport>[0], signal: AbortSignal = quiet()): Promise<void> =>
  httpTransport(options).connectivity?.check(signal) ?? Promise.reject(new Error('no connectivity facet'));
const UNAVAILABLE = expect.objectContaining({ code: 'TRANSPORT_UNAVAILABLE' });

describe('the connectivity check', () => {
  it('opens a connection, sends nothing and closes it', async () => {
    const received: Buffer[] = [];
    const closed: Promise<void>[] = [];
    const port = await startTcp((socket) => {
      socket.on('data', (chunk) => received.push(chunk));
      closed.push(new Promise((resolve) => socket.once('close', () => resolve())));
    });
    await check({ url: `http://localhost:${port}/path` });
    await Promise.all(closed);
    expect(closed).toHaveLength(1);
    expect(Buffer.concat(received)).toEqual(Buffer.alloc(0));
  });

  it('finds that nobody listens', async () => {
    await expect(check({ url: `http://localhost:${await closedPort()}` })).rejects.toThrow(UNAVAILABLE);
  });

  it('goes through the TLS handshake and verifies the server', async () => {
    const tls = makeCertificate(['localhost']);
    const { url, port, requests } = await startReceiver(accept, tls);
    await expect(check({ url, ca: tls.cert })).resolves.toBeUndefined();
    await expect(check({ url })).rejects.toThrow(UNAVAILABLE);
    await expect(check({ url: `https://127.0.0.1:${port}`, ca: tls.cert })).rejects.toThrow(UNAVAILABLE);
    expect(requests).toEqual([]);
  });

  it('gives up when the time is over', async () => {
    const port = await startTcp((socket) => socket.resume());
    const url = `https://localhost:${port}`;
    await expect(check({ url, timeoutMs: 100 })).rejects.toThrow('no connection within 100 ms');
  });

  it('ends when the signal aborts', async () => {
    const control = new AbortController();
    const port = await startTcp((socket) => {
      socket.resume();
      control.abort();
    });
    const url = `https://localhost:${port}`;
    await expect(check({ url }, control.signal)).rejects.toThrow(UNAVAILABLE);
    await expect(check({ url }, AbortSignal.abort())).rejects.toThrow('the check was aborted');
  });

  it('refuses private addresses when those are not allowed', async () => {
    const { url } = await startReceiver();
    await expect(check({ url, allowPrivateAddresses: false })).rejects.toThrow(
      'localhost has no public address',
    );
  });

  it('asks for one reachable endpoint of several', async () => {
    const down = `http://localhost:${await closedPort()}`;
    const { url } = await startReceiver();
    await expect(check({ url: down, urls: { a: url } })).resolves.toBeUndefined();
    await expect(check({ url: down, urls: { a: `http://localhost:${await closedPort()}` } })).rejects.toThrow(
      UNAVAILABLE,
    );
  });

  it('leaves no connection to the others behind', async () => {
    const closed: Promise<void>[] = [];
    const silent = await startTcp((socket) => {
      socket.resume();
      closed.push(new Promise((resolve) => socket.once('close', () => resolve())));
    });
    const { url } = await startReceiver();
    await check({ url: `https://localhost:${silent}`, urls: { a: url }, timeoutMs: 3_600_000 });
    await vi.waitFor(() => expect(closed).toHaveLength(1));
    await Promise.all(closed);
  });
});
