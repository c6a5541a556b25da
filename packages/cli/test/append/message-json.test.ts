import { describe, expect, it } from 'vitest';
import { messageFromJson } from '../../src/append/message-json.ts';

describe('messageFromJson', () => {
  it('keeps a JSON payload to the letter', () => {
    const line = '{"topic":"a","payload":{ "id": 12345678901234567890, "price": 1.10 }}';
    expect(messageFromJson(line)).toEqual({
      topic: 'a',
      payload: '{ "id": 12345678901234567890, "price": 1.10 }',
    });
  });

  it('reads every member', () => {
    const line = JSON.stringify({
      topic: 'a',
      key: 'k',
      headers: { h: 'v' },
      id: 'i',
      contentType: 'application/vnd.shop+json',
      availableAt: '2026-03-01T12:30:00+01:00',
      payload: [1],
    });
    expect(messageFromJson(line)).toEqual({
      topic: 'a',
      key: 'k',
      headers: { h: 'v' },
      id: 'i',
      contentType: 'application/vnd.shop+json',
      availableAt: new Date('2026-03-01T11:30:00Z'),
      payload: '[1]',
    });
  });

  it.each([
    ['{"topic":"a"}', undefined],
    ['{"topic":"a","payload":null}', undefined],
    ['{"topic":"a","payload":""}', '""'],
    ['{"topic":"a","payload":"x"}', '"x"'],
    ['{"topic":"a","payload":"x","contentType":"text/plain"}', 'x'],
    ['{"topic":"a","payload":"","contentType":"text/plain"}', ''],
    ['{"topic":"a","payload":false}', 'false'],
  ])('tells what is stored for %s', (line, payload) => {
    expect(messageFromJson(line).payload).toBe(payload);
  });

  it('reads bytes', () => {
    const { payload } = messageFromJson('{"topic":"a","payloadBase64":"AP8="}');
    expect(payload).toEqual(Buffer.from([0, 255]));
    expect(messageFromJson('{"topic":"a","payloadBase64":""}').payload).toEqual(Buffer.alloc(0));
  });

  it.each([
    ['{"topic":"a"', 'it is not valid JSON'],
    ['"a"', 'it must be a JSON object such as {"topic":"order.placed","payload":{}}'],
    ['[]', 'it must be a JSON object such as {"topic":"order.placed","payload":{}}'],
    [
      '{"topik":"a"}',
      '"topik" is not known. Did you mean "topic"? Known are: topic, key, payload, payloadBase64, headers, id, contentType, availableAt',
    ],
    ['{"topic":"a","topic":"b"}', '"topic" stands there twice'],
    ['{"topic":"a","payload":1,"payloadBase64":"AA=="}', '"payload" and "payloadBase64" exclude each other'],
    ['{"topic":"a","payloadBase64":"AA"}', '"payloadBase64" must be base64 with its padding'],
    ['{"topic":"a","payloadBase64":"A-_="}', '"payloadBase64" must be base64 with its padding'],
    [
      '{"topic":"a","payload":{},"contentType":"text/plain"}',
      'a payload of the content type "text/plain" must be a JSON string, or bytes in "payloadBase64"',
    ],
    [
      '{"topic":"a","availableAt":"2026-03-01T12:30:00"}',
      '"availableAt" must be a time with its zone, such as "2026-03-01T12:30:00Z"',
    ],
    [
      '{"topic":"a","availableAt":1767225600000}',
      '"availableAt" must be a time with its zone, such as "2026-03-01T12:30:00Z"',
    ],
  ])('refuses %s', (line, message) => {
    expect(() => messageFromJson(line)).toThrow(message);
  });
});
