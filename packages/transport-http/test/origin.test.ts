import { describe, expect, it } from 'vitest';
import { httpTransport } from '../src/index.ts';
import { makeCertificate } from './support/certificate.ts';
import { message, quiet } from './support/message.ts';
import { accept, startReceiver } from './support/receiver.ts';

describe('TLS', () => {
  const tls = makeCertificate(['localhost']);
  const unavailable = (text: RegExp): unknown =>
    expect.objectContaining({ code: 'TRANSPORT_UNAVAILABLE', message: expect.stringMatching(text) });

  it('works with a certificate of the option "ca"', async () => {
    const { url, requests } = await startReceiver(accept, tls);
    const transport = httpTransport({ url, ca: [tls.cert] });
    expect(await transport.publish([message()], quiet())).toEqual([{ status: 'accepted' }]);
    expect(requests).toHaveLength(1);
    await transport.close();
  });

  it('refuses a certificate that nobody vouches for, whatever the environment says', async () => {
    const { url, requests } = await startReceiver(accept, tls);
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    const transport = httpTransport({ url });
    try {
      await expect(transport.publish([message()], quiet())).rejects.toThrow(
        unavailable(/self-signed certificate/),
      );
    } finally {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
    }
    expect(requests).toEqual([]);
    await transport.close();
  });

  it('refuses a certificate for another name', async () => {
    const other = makeCertificate(['example.com']);
    const { url, requests } = await startReceiver(accept, other);
    const transport = httpTransport({ url, ca: other.cert });
    await expect(transport.publish([message()], quiet())).rejects.toThrow(
      unavailable(/Hostname\/IP does not match/),
    );
    expect(requests).toEqual([]);
    await transport.close();
  });
});

describe('connections', () => {
  it('are kept and used again, one after the other and no more than requests at a time', async () => {
    const receiver = await startReceiver();
    const transport = httpTransport({ url: receiver.url, concurrency: 3 });
    for (let call = 0; call < 5; call += 1) {
      await transport.publish(
        Array.from({ length: 20 }, () => message()),
        quiet(),
      );
    }
    expect(receiver.requests).toHaveLength(100);
    expect(receiver.connections).toBeLessThanOrEqual(3);
    await transport.close();
  });

  it('send the static headers and the credentials of the URL', async () => {
    const { port, requests } = await startReceiver();
    const transport = httpTransport({
      url: `http://m%C3%A9:p%40ss@localhost:${port}/in`,
      headers: { 'X-Tenant': 'acme' },
    });
    await transport.publish([message()], quiet());
    expect(requests[0]?.headers).toMatchObject({
      authorization: `Basic ${Buffer.from('mé:p@ss').toString('base64')}`,
      'x-tenant': 'acme',
      'user-agent': 'outrelay',
      host: `localhost:${port}`,
    });
    await transport.close();
  });
});
