import { describe, expect, it } from 'vitest';
import { editFromJson } from '../../src/dead/edit-json.ts';

describe('editFromJson', () => {
  it('changes only what is given', () => {
    expect(editFromJson('{"topic":"b"}', 'e.json')('application/json')).toEqual({ topic: 'b' });
    expect(editFromJson('{"headers":{"a":"b"}}', 'e.json')('application/json')).toEqual({
      headers: { a: 'b' },
    });
  });

  it('stores a payload by the content type that the copy will have', () => {
    const edit = editFromJson('{"payload": {"total": 1.10}}', 'e.json');
    expect(edit('application/json')).toEqual({ payload: '{"total": 1.10}' });
    expect(() => edit('text/plain')).toThrow(
      'e.json: a payload of the content type "text/plain" must be a JSON string, or bytes in "payloadBase64".',
    );
    expect(editFromJson('{"payload":"x","contentType":"text/plain"}', 'e.json')('application/json')).toEqual({
      payload: 'x',
      contentType: 'text/plain',
    });
  });

  it('can take a payload away, or make it bytes', () => {
    expect(editFromJson('{"payload":null}', 'e.json')('application/json')).toEqual({ payload: null });
    expect(editFromJson('{"payloadBase64":"AP8="}', 'e.json')('application/octet-stream')).toEqual({
      payload: Buffer.from([0, 255]),
    });
  });

  it.each([
    ['{}', 'e.json changes nothing. It may hold: payload, payloadBase64, headers, contentType, topic.'],
    [
      '{"key":"x"}',
      'e.json: "key" is not known. Known are: payload, payloadBase64, headers, contentType, topic.',
    ],
    ['nonsense', 'e.json: it is not valid JSON.'],
    ['{"topic":""}', 'e.json: "topic" must be a text that is not empty.'],
    ['{"headers":{"a":1}}', 'e.json: "headers" must be an object of texts.'],
    ['{"headers":[]}', 'e.json: "headers" must be an object of texts.'],
  ])('refuses %s', (json, message) => {
    expect(() => editFromJson(json, 'e.json')('application/json')).toThrow(message);
  });
});
