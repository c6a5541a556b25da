import { describe, expect, it } from 'vitest';
import { headerReader } from '../src/headers.ts';

describe('headerReader', () => {
  it.each([
    ["Node's record", { 'ce-id': '1', 'x-list': ['a', 'b'] }],
    ['a record of any case', { 'Ce-Id': '1', 'X-LIST': 'a, b' }],
    [
      'a Headers object',
      new Headers([
        ['CE-ID', '1'],
        ['x-list', 'a'],
        ['x-list', 'b'],
      ]),
    ],
  ])('finds headers in %s', (_what, headers) => {
    const header = headerReader(headers);
    expect(header('ce-id')).toBe('1');
    expect(header('x-list')).toBe('a, b');
    expect(header('ce-type')).toBeUndefined();
  });
});
