import { describe, expect, it } from 'vitest';
import { type Codec, CodecTable, jsonCodec, payloadText } from '../src/codec.ts';

const upper: Codec = {
  contentType: 'text/upper',
  encode: (value) => String(value).toUpperCase(),
  decode: (payload) => payloadText(payload).toLowerCase(),
};
const returning = (value: unknown): Codec => ({
  contentType: 'text/broken',
  encode: () => value as string,
  decode: () => null,
});

describe('CodecTable.encode', () => {
  const table = new CodecTable([upper]);

  it.each([undefined, null])('takes %s as "no body", which differs from an empty one', (value) => {
    expect(table.encode(value, undefined)).toEqual({ payload: null, contentType: 'application/json' });
    expect(table.encode(value, 'text/upper')).toEqual({ payload: null, contentType: 'text/upper' });
    expect(table.encode('', 'text/plain')).toEqual({ payload: '', contentType: 'text/plain' });
  });

  it('passes bytes untouched, whatever their media type', () => {
    const bytes = Uint8Array.of(0, 255);
    expect(table.encode(bytes, undefined)).toEqual({
      payload: bytes,
      contentType: 'application/octet-stream',
    });
    expect(table.encode(bytes, 'text/upper').payload).toBe(bytes);
    expect(table.encode(Buffer.from('x'), 'application/json').payload).toEqual(Buffer.from('x'));
  });

  it.each([
    [{ a: 1 }, '{"a":1}'],
    ['text', '"text"'],
    [0, '0'],
    [false, 'false'],
    ['\ud800', '"\\ud800"'],
  ])('writes JSON when no media type is named (case %#)', (value, payload) => {
    expect(table.encode(value, undefined)).toEqual({ payload, contentType: 'application/json' });
  });

  it('finds the codec of a media type whatever its case and parameters, and keeps the type as it was given', () => {
    expect(table.encode('a', 'Text/UPPER; charset=utf-8')).toEqual({
      payload: 'A',
      contentType: 'Text/UPPER; charset=utf-8',
    });
    expect(new CodecTable([{ ...upper, contentType: 'Text/Upper' }]).encode('a', 'text/upper').payload).toBe(
      'A',
    );
  });

  it('lets a codec replace the one for JSON', () => {
    const own = new CodecTable([{ ...jsonCodec, encode: () => '"own"' }]);
    expect(own.encode({}, undefined).payload).toBe('"own"');
  });

  it('passes text of a media type without codec', () => {
    expect(table.encode('<a/>', 'application/xml')).toEqual({
      payload: '<a/>',
      contentType: 'application/xml',
    });
  });

  const circular: { self?: unknown } = {};
  circular.self = circular;

  it.each<[string, unknown, string | undefined, RegExp]>([
    [
      'an object of a type without codec',
      {},
      'application/xml',
      /No codec is registered for .*"application\/xml"/,
    ],
    ['text with a lone surrogate', '\ud800', 'text/plain', /lone surrogate/],
    ['a circular object', circular, undefined, /cannot be encoded as application\/json/],
    ['a bigint', 5n, undefined, /cannot be encoded as application\/json/],
    ['a function', () => {}, undefined, /a function has no JSON form/],
    ['a symbol', Symbol('s'), undefined, /a symbol has no JSON form/],
  ])('refuses %s', (_, value, contentType, text) => {
    expect(() => table.encode(value, contentType)).toThrow(
      expect.objectContaining({ code: 'MESSAGE_INVALID', message: expect.stringMatching(text) }),
    );
  });

  it.each([undefined, null, 5, {}, '\ud800'])('refuses a codec that gives %o', (given) => {
    const broken = new CodecTable([returning(given)]);
    expect(() => broken.encode('x', 'text/broken')).toThrow(
      expect.objectContaining({ code: 'MESSAGE_INVALID' }),
    );
  });
});

describe('CodecTable.decode', () => {
  const table = new CodecTable([upper]);

  it('gives back what was encoded', () => {
    for (const value of [{ a: [1, null] }, 'text', 5]) {
      const { payload, contentType } = table.encode(value, undefined);
      expect(table.decode(payload, contentType)).toEqual(value);
    }
    expect(table.decode(null, 'application/json')).toBeNull();
    expect(table.decode('ABC', 'text/upper; x=y')).toBe('abc');
  });

  it('reads JSON from bytes', () => {
    expect(table.decode(Buffer.from('{"é":1}'), 'application/json')).toEqual({ é: 1 });
  });

  it('gives the payload itself when its media type has no codec', () => {
    expect(table.decode('<a/>', 'application/xml')).toBe('<a/>');
  });
});

describe('payloadText', () => {
  it('reads UTF-8, a byte order mark included, and refuses other bytes', () => {
    expect(payloadText('é')).toBe('é');
    expect(payloadText(Buffer.from('\ufeffé'))).toBe('\ufeffé');
    expect(() => payloadText(Uint8Array.of(0xff))).toThrow(TypeError);
  });
});
