import { describe, expect, it } from 'vitest';
import { cloudEventAttributes, cloudEventJson, isJsonType } from '../src/cloud-event.ts';
import type { Message } from '../src/message.ts';

function message(fields: Partial<Message> = {}): Message {
  const id = fields.id ?? '01890a5d-ac96-774b-bcce-b302099a8057';
  return {
    id,
    topic: 'order.placed',
    key: 'order-7',
    headers: {},
    payload: '{"total":12}',
    contentType: 'application/json',
    createdAt: new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 678)),
    deduplicationId: id,
    ...fields,
  };
}

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
/** The envelope without its attributes. */
const dataOf = (fields: Partial<Message>): string =>
  cloudEventJson(message(fields), 'shop').slice(
    JSON.stringify(cloudEventAttributes(message(fields), 'shop')).length - 1,
  );

describe('cloudEventAttributes', () => {
  it('maps the fields of a plain message', () => {
    expect(cloudEventAttributes(message(), 'shop')).toEqual({
      specversion: '1.0',
      id: '01890a5d-ac96-774b-bcce-b302099a8057',
      source: 'shop',
      type: 'order.placed',
      time: '2026-01-02T03:04:05.678Z',
      datacontenttype: 'application/json',
      partitionkey: 'order-7',
    });
  });

  it('leaves the partition key out without a key and keeps an empty one', () => {
    expect(cloudEventAttributes(message({ key: null }), 's')).not.toHaveProperty('partitionkey');
    expect(cloudEventAttributes(message({ key: '' }), 's').partitionkey).toBe('');
  });

  it('gives the trace context attributes of its own and every other header one JSON text', () => {
    const headers = JSON.parse('{"traceparent":"00-a","tracestate":"v=1","Tenant":"ä\\n","__proto__":"p"}');
    const event = cloudEventAttributes(message({ headers }), 's');
    expect(event.traceparent).toBe('00-a');
    expect(event.tracestate).toBe('v=1');
    expect(event.outrelayheaders).toBe('{"Tenant":"ä\\n","__proto__":"p"}');
  });

  it('tells the deduplication id only when it differs from the id', () => {
    expect(cloudEventAttributes(message(), 's')).not.toHaveProperty('outrelaydedupid');
    const redriven = message({ id: 'a', deduplicationId: 'a#1' });
    expect(cloudEventAttributes(redriven, 's').outrelaydedupid).toBe('a#1');
  });

  it.each(['', ' text/plain', 'text/plain; n=ü', 'a\nb'])(
    'moves the content type %j, which no header could carry',
    (contentType) => {
      const event = cloudEventAttributes(message({ contentType }), 's');
      expect(event.datacontenttype).toBe('application/octet-stream');
      expect(event.outrelaycontenttype).toBe(contentType);
    },
  );
});

describe('cloudEventJson', () => {
  it('embeds JSON text to the digit', () => {
    const payload = '{"n":9007199254740993,"e":1.10E+2,"a":1,"a":2}';
    expect(dataOf({ payload })).toBe(`,"data":${payload}}`);
    expect(dataOf({ payload: utf8(payload) })).toBe(`,"data":${payload}}`);
  });

  it('tells no body, the JSON document null and an empty body apart', () => {
    expect(dataOf({ payload: null })).toBe('}');
    expect(dataOf({ payload: 'null' })).toBe(',"data":null}');
    expect(dataOf({ payload: '' })).toBe(',"data_base64":""}');
    expect(dataOf({ payload: '', contentType: 'text/plain' })).toBe(',"data":""}');
  });

  it.each([
    ['{"a":', 'is cut off'],
    ['{"a":1} ', 'ends in white space'],
    ['{\n"a":1}', 'has a line break'],
    ['\ufeff{}', 'begins with a byte order mark'],
  ])('carries %j as bytes, because the JSON text %s', (payload) => {
    expect(dataOf({ payload })).toBe(`,"data_base64":"${Buffer.from(payload).toString('base64')}"}`);
  });

  it('carries text as a JSON string and bytes in base64', () => {
    expect(dataOf({ payload: '<a b="ü"/>', contentType: 'application/xml' })).toBe(
      ',"data":"<a b=\\"ü\\"/>"}',
    );
    expect(dataOf({ payload: utf8('ü'), contentType: 'text/plain' })).toBe(',"data":"ü"}');
    expect(dataOf({ payload: utf8('ü'), contentType: 'text/plain; charset=latin1' })).toBe(
      ',"data_base64":"w7w="}',
    );
    expect(dataOf({ payload: bytes(0xff, 0), contentType: 'text/plain' })).toBe(',"data_base64":"/wA="}');
    expect(dataOf({ payload: bytes(0xff, 0), contentType: 'image/png' })).toBe(',"data_base64":"/wA="}');
  });

  it.each(['{"a":1}', '"text"', 'line\nbreak', 'line\u2028break', ''])(
    'is one line of valid JSON for the payload %j',
    (payload) => {
      for (const contentType of ['application/json', 'text/plain', 'application/octet-stream', 'ü']) {
        const line = cloudEventJson(message({ payload, contentType, key: 'a\nb' }), 'shop');
        expect(line).not.toMatch(/[\r\n]/);
        expect(JSON.parse(line)).toMatchObject({ id: message().id, partitionkey: 'a\nb' });
      }
    },
  );
});

describe('isJsonType', () => {
  it.each(['application/json', 'Application/JSON; charset=utf-8', 'text/json', 'application/vnd.a.b+json'])(
    'accepts %s',
    (type) => expect(isJsonType(type)).toBe(true),
  );
  it.each(['application/jsonl', 'json', 'application/json-seq', 'text/plain; a=json', ''])(
    'refuses %j',
    (type) => expect(isJsonType(type)).toBe(false),
  );
});
