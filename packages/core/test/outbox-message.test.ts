import { describe, expect, it } from 'vitest';
import { CodecTable } from '../src/codec.ts';
import type { Headers, NewMessage } from '../src/message.ts';
import { MessageComposer, type OutboxMessage } from '../src/outbox-message.ts';

const composer = new MessageComposer(new CodecTable(), {
  maxPayloadBytes: 20,
  maxHeadersBytes: 40,
  maxMessagesPerAppend: 10,
});
const PLAIN = { contentType: undefined, ordering: 'key' } as const;

/** What the outbox adds to a message. */
interface Added extends Partial<Parameters<MessageComposer['compose']>[2]> {
  readonly headers?: Headers;
}

function compose(message: object, { headers, ...defaults }: Added = {}): NewMessage {
  const given = { topic: 'order.placed', ...message } as OutboxMessage;
  return composer.compose(given, given.payload, { ...PLAIN, ...defaults }, headers);
}

/** What a refusal says. */
function refusal(message: object, added: Added = {}): string {
  try {
    compose(message, added);
  } catch (error) {
    const { code, message: text } = error as { code: string; message: string };
    return `${code}: ${text}`;
  }
  return 'taken';
}

describe('MessageComposer', () => {
  it('fills in what a message leaves open', () => {
    expect(compose({})).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      topic: 'order.placed',
      key: null,
      headers: {},
      payload: null,
      contentType: 'application/json',
      availableAt: null,
      ordering: 'key',
    });
  });

  it('keeps what a message says', () => {
    const availableAt = new Date(5);
    const message = {
      id: 'm1',
      key: 'k',
      headers: { a: 'b' },
      payload: 'x',
      contentType: 'text/plain',
      availableAt,
    };
    expect(compose(message)).toEqual({ topic: 'order.placed', ordering: 'key', ...message });
  });

  it('takes an empty key for a key, and null for none', () => {
    expect([compose({ key: '' }).key, compose({ key: null }).key]).toEqual(['', null]);
  });

  it('prefers a message to the defaults of its topic', () => {
    const defaults = { contentType: 'text/plain', headers: { a: 'default', b: 'default' } };
    expect(compose({ payload: 'x' }, defaults).contentType).toBe('text/plain');
    expect(compose({ payload: 'x', contentType: 'text/csv' }, defaults).contentType).toBe('text/csv');
    expect(compose({ headers: { a: 'own' } }, defaults).headers).toEqual({ a: 'own', b: 'default' });
  });

  it.each<[string, object, RegExp]>([
    ['no topic', { topic: undefined }, /topic must be a text; got undefined/],
    ['an empty topic', { topic: '' }, /the topic is empty/],
    ['a star in the topic', { topic: 'order.*' }, /holds a control character or "\*"/],
    ['a line break in the topic', { topic: 'order\nplaced' }, /control character/],
    ['a long topic', { topic: 'x'.repeat(256) }, /topic has 256 bytes; the limit is 255/],
    ['a topic long in bytes', { topic: 'é'.repeat(128) }, /topic has 256 bytes/],
    ['a number as key', { key: 7 }, /key must be a text; got 7/],
    ['NUL in the key', { key: 'a\0b' }, /key holds a NUL character/],
    ['a long key', { key: 'x'.repeat(513) }, /key has 513 bytes; the limit is 512/],
    ['an empty id', { id: '' }, /the id is empty/],
    ['a lone surrogate in the id', { id: '\udc00' }, /lone surrogate/],
    ['a long id', { id: 'x'.repeat(256) }, /id has 256 bytes/],
    ['a text as headers', { headers: 'a=b' }, /headers must be an object of texts; got "a=b"/],
    ['an array as headers', { headers: ['a'] }, /headers must be an object of texts; got an array/],
    ['null as headers', { headers: null }, /headers must be an object of texts; got null/],
    ['a number as header', { headers: { a: 1 } }, /header "a" must be a text; got 1/],
    ['an empty header name', { headers: { '': 'x' } }, /a header has an empty name/],
    ['NUL in a header', { headers: { a: '\0' } }, /header "a" holds a NUL/],
    ['a long header name', { headers: { ['x'.repeat(256)]: '' } }, /header name has 256 bytes/],
    ['an empty content type', { contentType: '' }, /the contentType is empty/],
    ['a long content type', { contentType: 'x'.repeat(256), payload: '' }, /contentType has 256 bytes/],
    ['a number as content type', { contentType: 5, payload: 'x' }, /contentType must be a text; got 5/],
    ['an invalid time', { availableAt: new Date(Number.NaN) }, /availableAt must be a valid Date/],
    ['a number as time', { availableAt: 5 }, /availableAt must be a valid Date; got 5/],
  ])('refuses %s', (_, message, text) => {
    expect(refusal(message)).toMatch(/^MESSAGE_INVALID: .*Nothing was written\.$/);
    expect(refusal(message)).toMatch(text);
  });

  it('refuses a strictly ordered message without key', () => {
    expect(refusal({}, { ordering: 'strict' })).toContain('need a key');
    expect(compose({ key: 'k' }, { ordering: 'strict' }).ordering).toBe('strict');
  });

  it('takes texts of exactly the limit', () => {
    expect(compose({ topic: 'é'.repeat(127), key: 'é'.repeat(256), id: 'x'.repeat(255) }).key).toHaveLength(
      256,
    );
  });

  it('measures payloads in bytes', () => {
    expect(compose({ payload: 'é'.repeat(9) }).payload).toHaveLength(11);
    expect(refusal({ payload: 'é'.repeat(10) })).toMatch(
      /^MESSAGE_TOO_LARGE: .*has 22 bytes; the limit is 20\.$/,
    );
    expect(refusal({ payload: new Uint8Array(21) })).toMatch(/^MESSAGE_TOO_LARGE/);
    expect(compose({ payload: new Uint8Array(20) }).payload).toHaveLength(20);
  });

  it('measures headers as JSON, those of the outbox included', () => {
    expect(refusal({ headers: { a: 'x'.repeat(32) } })).toBe('taken');
    expect(refusal({ headers: { a: 'x'.repeat(33) } })).toMatch(
      /^MESSAGE_TOO_LARGE: The headers have 41 bytes/,
    );
    expect(refusal({ headers: { a: 'x' } }, { headers: { b: 'x'.repeat(32) } })).toMatch(
      /^MESSAGE_TOO_LARGE/,
    );
  });

  it('does not share its headers with the caller', () => {
    const headers = { a: 'b' };
    const { headers: stored } = compose({ headers });
    headers.a = 'changed';
    expect(stored).toEqual({ a: 'b' });
  });

  it('never prints a payload', () => {
    expect(refusal({ payload: 'secret'.repeat(10) })).not.toContain('secret');
  });
});
