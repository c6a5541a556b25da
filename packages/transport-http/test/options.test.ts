import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type HttpTransportOptions, httpTransport } from '../src/index.ts';
import { readHttpOptions } from '../src/options.ts';

const url = 'http://localhost/';
const secret = `whsec_${randomBytes(24).toString('base64')}`;

describe('the options', () => {
  it('have the documented defaults', () => {
    expect(readHttpOptions({ url })).toEqual({
      url,
      urls: undefined,
      headers: {},
      keys: [],
      format: 'binary',
      source: 'outrelay',
      concurrency: 16,
      timeoutMs: 15_000,
      allowPrivateAddresses: true,
      ca: undefined,
    });
  });

  it('take several secrets and a header of any case', () => {
    const settings = readHttpOptions({ url, secrets: [secret, secret], headers: { 'X-Tenant': 'acme' } });
    expect(settings.keys).toHaveLength(2);
    expect(settings.headers).toEqual({ 'x-tenant': 'acme' });
  });

  const wrong: readonly (readonly [what: string, options: unknown, text: RegExp])[] = [
    ['none', undefined, /options object; got undefined/],
    ['an unknown name', { url, retries: 3 }, /no option "retries"/],
    ['no URL', {}, /needs the option "url", "urls" or both/],
    ['no URL in urls', { urls: {} }, /needs the option "url", "urls" or both/],
    ['a URL that is none', { url: 'localhost:80' }, /option "url" must be a URL that begins/],
    ['a URL of another scheme', { url: 'ftp://localhost' }, /option "url" must be a URL that begins/],
    ['a URL that is no text', { url: 80 }, /option "url" must be a URL that begins/],
    ['urls as an array', { urls: [url] }, /option "urls" must map topics to URLs; got an array/],
    ['a wrong URL in urls', { urls: { 'a.*': '//b' } }, /option "urls\["a\.\*"\]" must be a URL/],
    ['a wrong topic in urls', { urls: { 'a*b': url } }, /Expected a topic/],
    [
      'credentials that cannot be decoded',
      { url: 'http://a:%zz@localhost' },
      /credentials with a percent sign/,
    ],
    ['credentials twice', { url: 'http://a:b@localhost', headers: { Authorization: 'x' } }, /give one/],
    ['headers as a text', { url, headers: 'a: b' }, /option "headers" must be an object of texts/],
    ['a header that is no text', { url, headers: { a: 1 } }, /must give "a" a text; got 1/],
    ['a header name that is none', { url, headers: { 'a b': '1' } }, /no HTTP header can have/],
    ['a header value that is none', { url, headers: { a: 'b\r\nc: d' } }, /no HTTP header can have/],
    ['a header twice', { url, headers: { A: '1', a: '2' } }, /holds "a" twice/],
    ['both kinds of secrets', { url, secret, secrets: [secret] }, /got both/],
    ['secrets as a text', { url, secrets: secret }, /option "secrets" must be an array/],
    ['no secret in secrets', { url, secrets: [] }, /option "secrets" must be an array/],
    ['a wrong secret in secrets', { url, secrets: [secret, 'x'] }, /option "secrets\[1\]" must begin with/],
    ['a wrong secret', { url, secret: 'x' }, /option "secret" must begin with/],
    ['another format', { url, format: 'batched' }, /option "format" must be one of/],
    ['an empty source', { url, source: '' }, /option "source"/],
    ['a source with spaces', { url, source: 'a b' }, /option "source" must be a URI reference/],
    ['no concurrency', { url, concurrency: 0 }, /option "concurrency" must be a whole number/],
    ['a fraction of a millisecond', { url, timeoutMs: 0.5 }, /option "timeoutMs" must be a whole number/],
    ['a text for a boolean', { url, allowPrivateAddresses: 'false' }, /must be true or false/],
    ['a certificate that is none', { url, ca: 'x' }, /option "ca" must hold certificates/],
  ];

  it.each(wrong)('are refused with %s', (_what, options, text) => {
    const create = (): unknown => httpTransport(options as HttpTransportOptions);
    expect(create).toThrow(TypeError);
    expect(create).toThrow(text);
  });

  it.each([
    'CE-Id',
    'Webhook-Signature',
    'Content-Type',
    'Content-Length',
    'Transfer-Encoding',
    'Connection',
    'Host',
    'traceparent',
  ])('do not let anybody set %s', (name) => {
    expect(() => readHttpOptions({ url, headers: { [name]: 'x' } })).toThrow(
      'the transport or the connection sets',
    );
  });

  it.each([
    'http://127.0.0.1/',
    'http://127.1/',
    'http://2130706433/',
    'http://10.1.2.3:8080/',
    'http://[::1]/',
    'http://[::ffff:10.0.0.1]/',
    'http://169.254.169.254/latest/meta-data',
  ])('refuse the address %s when private ones are not allowed', (address) => {
    const create = () => httpTransport({ url: address, allowPrivateAddresses: false });
    expect(create).toThrow(/private address .* allowPrivateAddresses is false/);
    expect(() =>
      httpTransport({ urls: { a: address }, url: 'http://8.8.8.8', allowPrivateAddresses: false }),
    ).toThrow(/option "urls\["a"\]" has the private address/);
    expect(() => httpTransport({ url: address })).not.toThrow();
  });

  it('never show a secret in an error', () => {
    const hidden = 'hunter2-hunter2';
    for (const options of [
      { url: `htp://me:${hidden}@localhost/` },
      { url: `http://me:${hidden}%@localhost/` },
      { url, secret: hidden },
      { url, secret: `whsec_${hidden}` },
      { url, secrets: [`whsk_${Buffer.from(hidden).toString('base64')}`] },
      { url, headers: { authorization: `${hidden}\n` } },
      { url: `http://me:${hidden}@localhost/`, headers: { authorization: hidden } },
      { url, ca: hidden.repeat(4) },
    ]) {
      let text = '';
      try {
        httpTransport(options);
      } catch (error) {
        text = `${String(error)} ${JSON.stringify(error)}`;
      }
      expect(text).toMatch(/TypeError/);
      expect(text).not.toContain(hidden);
      expect(text).not.toContain(Buffer.from(hidden).toString('base64'));
    }
  });
});
