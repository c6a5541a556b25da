import { describe, expect, it } from 'vitest';
import { excerpt } from '../src/excerpt.ts';

const HIDDEN = 'the response text is not shown, it may repeat the request';

function shown(response: string | Buffer, body: string | Buffer = '', texts: readonly string[] = []): string {
  return excerpt(Buffer.from(response as string), { body: Buffer.from(body as string), texts });
}

describe('excerpt', () => {
  it('shows one line without control characters', () => {
    expect(shown('  no\r\n\u001b[31m such\u0000\u202e thing\u2028 ')).toBe('no [31m such thing');
    expect(shown(Buffer.from([0x61, 0xff, 0xfe, 0x62]))).toBe('a b');
    expect(shown('\n\t ')).toBe('');
  });

  it('cuts long texts, never through a character', () => {
    expect(shown('a'.repeat(500))).toBe(`${'a'.repeat(200)}…`);
    expect(shown(`${'a'.repeat(199)}😀b`)).toBe(`${'a'.repeat(199)}…`);
    expect(shown('a'.repeat(200))).toBe('a'.repeat(200));
  });

  it.each([
    ['the whole body', 'bad: {"a":1}', '{"a":1}'],
    ['a part of it', 'invalid number 4111 1111 1111 1111!', '{"card":"4111 1111 1111 1111"}'],
    ['it with other white space', 'got {  "a":\n 12345678901, "b": 2 }', '{ "a": 12345678901,\t"b": 2 }'],
    [
      'the part inside quotes',
      '{"got":"{\\"iban\\":\\"DE89370400440532013000\\"}"}',
      '{"iban":"DE89370400440532013000"}',
    ],
  ])('does not show a response that repeats %s', (_what, response, body) => {
    expect(shown(response, body)).toBe(HIDDEN);
  });

  it('does not show a response that repeats a credential, also where the shown piece would end', () => {
    expect(shown('your token is hunter2!', '', ['hunter2!'])).toBe(HIDDEN);
    expect(shown(`${'-'.repeat(195)}hunter2!`, '', ['hunter2!'])).toBe(HIDDEN);
  });

  it('shows what has only short words in common with the request', () => {
    expect(shown('customer is required', '{"customer":null}', ['is'])).toBe('customer is required');
  });

  it('shows nothing in answer to a body too large to compare', () => {
    expect(shown('too large', Buffer.alloc(300_000))).toBe(HIDDEN);
  });
});
