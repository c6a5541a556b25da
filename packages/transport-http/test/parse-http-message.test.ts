import { randomBytes } from 'node:crypto';
import { CloudEvent, HTTP } from 'cloudevents';
import type { Message } from '@outrelay/core';
import { describe, expect, it } from 'vitest';
import { parseHttpMessage } from '../src/parse-http-message.ts';
import { attemptHeaders, compose } from '../src/request.ts';
import { readSigningKey } from '../src/signature.ts';
import { message } from './support/message.ts';

const INVALID = expect.objectContaining({ code: 'MESSAGE_INVALID' });
const UNTRUSTED = expect.objectContaining({ code: 'SIGNATURE_INVALID' });
const SECRET = `whsec_${randomBytes(32).toString('base64')}`;

const CASES: readonly (readonly [what: string, fields: Partial<Message>])[] = [
  ['an ordinary message', { key: 'order-7', headers: { tenant: 'acme' } }],
  ['no key', { key: null }],
  ['an empty key', { key: '' }],
  [
    'names in two cases',
    { headers: { 'X-A': '1', 'x-a': '2', traceparent: '00-a', Traceparent: 'b', tracestate: '' } },
  ],
  [
    'reserved names',
    { headers: { host: 'x', 'content-length': '9', 'ce-id': 'x', __proto__x: 'y', constructor: 'z' } },
  ],
  ['a header called __proto__', { headers: JSON.parse('{"__proto__":"p"}') }],
  [
    'hostile texts',
    {
      id: 'a\r\nb: c%0A"\\ \u{1f600}',
      topic: 't \u00fc"%',
      key: '\n\u0001%',
      headers: { 'ü\n': '\r\n"%\u{1f600}' },
    },
  ],
  ['an odd trace context', { headers: { traceparent: 'ü\r\nx: y', tracestate: ' a ' } }],
  ['a redriven message', { id: 'a-1', deduplicationId: 'a-1#3' }],
  ['no body', { payload: null }],
  ['no body of another type', { payload: null, contentType: 'text/plain' }],
  ['an empty body', { payload: '' }],
  ['an empty body of bytes', { payload: new Uint8Array(), contentType: 'application/octet-stream' }],
  ['an empty text', { payload: '', contentType: 'text/plain' }],
  ['the JSON document null', { payload: 'null' }],
  ['large numbers', { payload: '{"n":9007199254740993123,"d":1.10,"a":1,"a":2}' }],
  ['a JSON string', { payload: '"a\\u0062"' }],
  ['JSON with white space around it', { payload: ' {\n "a": 1 } \r\n' }],
  ['JSON of another name', { payload: '[1 , 2]', contentType: 'application/vnd.a+json; charset=utf-8' }],
  ['what is no JSON', { payload: '{"a":' }],
  ['text', { payload: 'ü\u2028\u0000\n"', contentType: 'text/plain; charset=utf-8' }],
  [
    'text in another charset',
    { payload: Uint8Array.of(0xfc), contentType: 'text/plain; charset=iso-8859-1' },
  ],
  ['XML', { payload: '<a/>', contentType: 'application/xml' }],
  ['bytes', { payload: Uint8Array.from({ length: 256 }, (_, at) => at), contentType: 'image/png' }],
  ['bytes that are not UTF-8 under JSON', { payload: Uint8Array.of(0xc3, 0x28) }],
  ['a byte order mark', { payload: '\ufeff{}' }],
  ['a megabyte', { payload: randomBytes(1_048_576), contentType: 'application/octet-stream' }],
  ['an empty content type', { contentType: '' }],
  ['a content type with spaces around it', { contentType: ' a/b ' }],
  ['a content type beyond ASCII', { contentType: 'text/ü\r\nx: y', payload: 'a' }],
  [
    'a payload that is a CloudEvent',
    { contentType: 'application/cloudevents+json', payload: '{"id":"inner"}' },
  ],
  ['a payload that is a batch', { contentType: 'application/cloudevents-batch+json', payload: '[]' }],
];

describe.each(['binary', 'structured'] as const)('a message in the %s format', (format) => {
  it.each(CASES)('comes back exactly: %s', (_what, fields) => {
    const sent = message({ ...fields });
    const composed = compose(sent, format, 'shop');
    const keys = [readSigningKey(SECRET, 'secret')];
    const headers = attemptHeaders(composed, {}, keys, Date.now());
    for (const value of Object.values(headers)) expect(value).toMatch(/^[\x20-\x7e]*$/);
    const received = parseHttpMessage(headers, composed.body, { secrets: SECRET });
    // As text, because comparing a megabyte element by element takes seconds.
    const bytes = (payload: Message['payload']): string | null =>
      payload === null ? null : Buffer.from(payload as Uint8Array).toString('base64');
    expect({ ...received, payload: bytes(received.payload) }).toEqual({
      ...sent,
      source: 'shop',
      payload: bytes(sent.payload),
    });
  });
});

describe('an event of another sender', () => {
  const event = new CloudEvent({
    id: 'x-1',
    type: 'invoice.paid',
    source: '/billing',
    time: '2026-03-04T05:06:07+01:00',
    partitionkey: 'i-9',
    subject: 'ignored',
    datacontenttype: 'application/json',
    data: { sum: 3 },
  });

  it.each(['binary', 'structured'] as const)('is read, %s', (format) => {
    const { headers, body } = HTTP[format](event);
    const received = parseHttpMessage(headers, body as string);
    expect(received).toMatchObject({
      id: 'x-1',
      topic: 'invoice.paid',
      key: 'i-9',
      source: '/billing',
      headers: {},
    });
    expect(received.createdAt).toEqual(new Date('2026-03-04T04:06:07Z'));
    expect(JSON.parse(Buffer.from(received.payload ?? []).toString())).toEqual({ sum: 3 });
  });

  it('may leave out what is optional', () => {
    const required = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-type': 't', 'ce-source': 's' };
    expect(parseHttpMessage(required, '')).toMatchObject({ payload: null, createdAt: null, key: null });
    expect(parseHttpMessage(required, 'a')).toMatchObject({ contentType: 'application/octet-stream' });
    const json = '{"specversion":"1.0","id":"1","type":"t","source":"s","time":null,"data": [1]\n}';
    const received = parseHttpMessage({ 'Content-Type': 'application/cloudevents+json' }, json);
    expect(received).toMatchObject({ contentType: 'application/json', createdAt: null });
    expect(Buffer.from(received.payload ?? []).toString()).toBe('[1]');
  });
});

describe('what is refused', () => {
  const headers = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-type': 't', 'ce-source': 's' };

  it.each([
    ['no id', { 'ce-id': '' }],
    ['no type', { 'ce-type': undefined }],
    ['no source', { 'ce-source': undefined }],
    ['no version', { 'ce-specversion': undefined }],
    ['another version', { 'ce-specversion': '0.3' }],
    ['an id that is not UTF-8', { 'ce-id': '%FF' }],
    ['a time that is none', { 'ce-time': 'yesterday' }],
    ['headers that are no JSON', { 'ce-outrelayheaders': '{' }],
    ['headers that are no object', { 'ce-outrelayheaders': '[1]' }],
    ['a header that is no text', { 'ce-outrelayheaders': '{%22a%22:1}' }],
    ['a batch', { 'content-type': 'application/cloudevents-batch+json' }],
    ['another event format', { 'content-type': 'application/cloudevents+avro' }],
  ])('in the binary format: %s', (_what, change) => {
    expect(() => parseHttpMessage({ ...headers, ...change }, 'secret-payload')).toThrow(INVALID);
  });

  it.each([
    ['what is no JSON', '{'],
    ['an array', '[]'],
    ['a number', '7'],
    ['bytes that are not UTF-8', Uint8Array.of(0x7b, 0xff, 0x7d)],
    ['no id', '{"specversion":"1.0","type":"t","source":"s"}'],
    ['an id that is no text', '{"specversion":"1.0","id":1,"type":"t","source":"s"}'],
    [
      'text data that is no text',
      '{"specversion":"1.0","id":"1","type":"t","source":"s","datacontenttype":"text/plain","data":{}}',
    ],
    ['base64 that is no text', '{"specversion":"1.0","id":"1","type":"t","source":"s","data_base64":1}'],
  ])('in the structured format: %s', (_what, body) => {
    const type = { 'content-type': 'application/cloudevents+json; charset=utf-8' };
    expect(() => parseHttpMessage(type, body)).toThrow(INVALID);
  });

  it('a secret that is missing, and options nobody knows', () => {
    const missing = { secrets: undefined } as unknown as { secrets: string };
    expect(() => parseHttpMessage(headers, '', missing)).toThrow(/option "secrets" is undefined/);
    const misspelt = { secret: SECRET } as object;
    expect(() => parseHttpMessage(headers, '', misspelt)).toThrow(/has no option "secret"/);
  });

  it('another secret by another code than a malformed event: the sender is to try again after the one alone', () => {
    const composed = compose(message(), 'structured', 's');
    const signed = (body: string | Uint8Array): object =>
      attemptHeaders(
        { ...composed, body: Buffer.from(body) },
        {},
        [readSigningKey(SECRET, 'secret')],
        Date.now(),
      );
    const parse = (body: string | Uint8Array, secrets: string) => () =>
      parseHttpMessage({ ...signed(body) }, body, { secrets });
    const other = `whsec_${randomBytes(32).toString('base64')}`;
    expect(parse(composed.body, SECRET)).not.toThrow();
    expect(parse(composed.body, other)).toThrow(UNTRUSTED);
    expect(parse('{', other)).toThrow(UNTRUSTED);
    expect(parse('{', SECRET)).toThrow(INVALID);
  });

  it('a signed request whose event was exchanged', () => {
    const composed = compose(message({ id: 'a' }), 'binary', 's');
    const signed = attemptHeaders(composed, {}, [readSigningKey(SECRET, 'secret')], Date.now());
    const parse = (change: object) => () =>
      parseHttpMessage({ ...signed, ...change }, composed.body, { secrets: [SECRET] });
    expect(parse({})).not.toThrow();
    expect(parse({ 'ce-id': 'b' })).toThrow(UNTRUSTED);
    expect(parse({ 'ce-outrelaydedupid': 'b' })).toThrow(UNTRUSTED);
    expect(parse({ 'webhook-id': 'b' })).toThrow(UNTRUSTED);
  });
});
