import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type EntryFields, parseStreamEntry } from '../src/index.ts';

const FIELDS = {
  id: 'm1#a',
  topic: 'bestellung.größe',
  key: '',
  'content-type': 'application/json',
  'created-at': '2026-01-02T03:04:05.678Z',
  headers: '{"trace":"1","__proto__":"x"}',
  'deduplication-id': 'm1#a#1',
  payload: '{"n":12345678901234567890}',
};
const MINIMAL = {
  id: 'm2',
  topic: 't',
  'content-type': 'text/plain',
  'created-at': '2026-01-02T03:04:05.000Z',
};

function thrown(parse: () => unknown): Error {
  try {
    parse();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

describe('reading an entry', () => {
  it.each<[string, EntryFields]>([
    ['an array of texts', Object.entries(FIELDS).flat()],
    ['an object', FIELDS],
    ['a map', new Map(Object.entries(FIELDS))],
  ])('takes %s', (_, fields) => {
    const message = parseStreamEntry(fields);
    expect(message).toEqual({
      id: 'm1#a',
      topic: 'bestellung.größe',
      key: '',
      headers: JSON.parse(FIELDS.headers) as unknown,
      payload: FIELDS.payload,
      contentType: 'application/json',
      createdAt: new Date('2026-01-02T03:04:05.678Z'),
      deduplicationId: 'm1#a#1',
    });
    expect(Object.keys(message.headers)).toEqual(['trace', '__proto__']);
  });

  it('takes bytes, and leaves those of the payload alone', () => {
    const payload = Buffer.from([0xff, 0, 0x0d]);
    const fields = Object.entries({ ...FIELDS, payload: '' })
      .flat()
      .map((text) => Buffer.from(text));
    fields[fields.length - 1] = payload;
    expect(parseStreamEntry(fields)).toMatchObject({ topic: 'bestellung.größe', payload });
  });

  it('gives what is absent as it was', () => {
    expect(parseStreamEntry(MINIMAL)).toMatchObject({
      key: null,
      payload: null,
      headers: {},
      deduplicationId: 'm2',
    });
  });

  it('ignores fields it does not know', () => {
    expect(parseStreamEntry({ ...MINIMAL, later: 'x' }).id).toBe('m2');
  });

  it.each<[string, EntryFields, string]>([
    ['a missing id', { topic: 't' }, 'it has no field "id"'],
    ['a missing topic', { id: 'm' }, 'it has no field "topic"'],
    ['headers that are not JSON', { ...MINIMAL, headers: 'secret' }, 'its headers are not JSON'],
    [
      'headers that are not texts',
      { ...MINIMAL, headers: '{"a":1}' },
      'its headers are not a JSON object of texts',
    ],
    [
      'headers that are an array',
      { ...MINIMAL, headers: '["a"]' },
      'its headers are not a JSON object of texts',
    ],
    ['a wrong time', { ...MINIMAL, 'created-at': 'secret' }, 'its time is not one of RFC 3339'],
    ['a field that is given twice', ['id', 'a', 'id', 'b'], 'the field "id" is given twice'],
    ['bytes that are no text', ['id', Buffer.from([0xff])], 'a field that holds text is not valid UTF-8'],
  ])('refuses %s, without repeating it', (_, fields, reason) => {
    const error = thrown(() => parseStreamEntry(fields));
    expect(error).toMatchObject({ code: 'MESSAGE_INVALID' });
    expect(error.message).toBe(`The stream entry is not a message of Outrelay: ${reason}.`);
    expect(inspect(error)).not.toContain('secret');
  });

  it.each<[unknown]>([[null], ['id'], [['id']], [['id', 1]], [Buffer.from('id')]])(
    'does not take %j',
    (fields) => {
      expect(() => parseStreamEntry(fields as EntryFields)).toThrow(TypeError);
    },
  );
});
