import { isOutboxError } from '@outrelay/core';
import { describe, expect, it } from 'vitest';
import { capabilities, fromUrl } from '../src/index.ts';
import { message, quiet } from './support/message.ts';
import { startReceiver } from './support/receiver.ts';

describe('fromUrl', () => {
  it('leaves the query to the endpoint and takes credentials from the URL', async () => {
    const receiver = await startReceiver();
    const url = `${receiver.url.replace('//', '//user:pw@')}/hook?concurrency=x&token=y`;
    const transport = fromUrl(url, { format: 'structured', source: '/shop', timeoutMs: '5000' });
    expect(transport).toMatchObject({ name: 'http', capabilities });
    await transport.publish([message()], quiet());
    await transport.close();
    const [request] = receiver.requests;
    expect(request?.path).toBe('/hook?concurrency=x&token=y');
    expect(request?.headers.authorization).toBe(`Basic ${Buffer.from('user:pw').toString('base64')}`);
    expect(request?.headers['content-type']).toContain('application/cloudevents+json');
    expect(JSON.parse(String(request?.body))).toMatchObject({ source: '/shop' });
  });

  it('reads numbers and booleans', async () => {
    const options = { concurrency: '1', allowPrivateAddresses: 'false' };
    await fromUrl('https://example.com/hook', options).close();
    expect(() => fromUrl('http://127.0.0.1/hook', options)).toThrow('allowPrivateAddresses is false');
  });

  it.each([
    [
      'http://a.example',
      { concurency: '1' },
      'takes no option "concurency" here, only format, source, concurrency, timeoutMs, allowPrivateAddresses; the others are given to httpTransport in code.',
    ],
    ['http://a.example', { secret: 'whsec_SECRET' }, 'takes no option "secret" here, only format, source'],
    ['http://a.example', { constructor: 'x' }, 'takes no option "constructor" here'],
    ['http://a.example', { concurrency: '1e1' }, '"concurrency" must be a whole number; got "1e1".'],
    ['http://a.example', { concurrency: '' }, '"concurrency" must be a whole number; got "".'],
    ['http://a.example', { concurrency: '0' }, 'option "concurrency" must be a whole number from 1 to 1024'],
    [
      'http://a.example',
      { allowPrivateAddresses: 'no' },
      '"allowPrivateAddresses" must be true or false; got "no".',
    ],
    ['http://a.example', { format: 'json' }, 'option "format" must be one of "binary", "structured"'],
    ['https://user:SECRET@exa mple/hook', {}, 'must be a URL that begins with "http://" or "https://"'],
    ['ftp://user:SECRET@a.example', {}, 'must be a URL that begins with "http://" or "https://"'],
  ])('refuses %s with %j and shows no secret', (url, options, reason) => {
    let refusal: unknown;
    try {
      fromUrl(url, options);
    } catch (error) {
      refusal = error;
    }
    expect(isOutboxError(refusal) && refusal.code).toBe('CONFIG_INVALID');
    expect((refusal as Error).message).toContain(reason);
    expect((refusal as Error).message).not.toContain('SECRET');
  });
});
