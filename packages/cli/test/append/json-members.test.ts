import { describe, expect, it } from 'vitest';
import { jsonMembers } from '../../src/append/json-members.ts';

describe('jsonMembers', () => {
  it.each([
    ['{}', []],
    [' { } ', []],
    ['{"a":1}', [['a', '1']]],
    [
      '{"a": 12345678901234567890.10, "b":-1e-7 }',
      [
        ['a', '12345678901234567890.10'],
        ['b', '-1e-7'],
      ],
    ],
    [
      '{"a":true,"b":null,"c":"}"}',
      [
        ['a', 'true'],
        ['b', 'null'],
        ['c', '"}"'],
      ],
    ],
    [
      '{"a":{"b":[1,{"c":"]}\\""}]} ,"d":[]}',
      [
        ['a', '{"b":[1,{"c":"]}\\""}]}'],
        ['d', '[]'],
      ],
    ],
    ['{"\\u0061\\"":"\\\\"}', [['a"', '"\\\\"']]],
    ['{"a":{ "x" :\t1 }\n}', [['a', '{ "x" :\t1 }']]],
    [
      '{"a":1,"a":2}',
      [
        ['a', '1'],
        ['a', '2'],
      ],
    ],
  ])('takes %s apart', (text, expected) => {
    expect(jsonMembers(text).map(({ name, raw }) => [name, raw])).toEqual(expected);
  });

  it('agrees with JSON.parse on whatever JSON.stringify writes', () => {
    const value = {
      plain: 'text',
      'with "quotes" and \\': 'a\nb\u2028c',
      '': [1, [2, [3, { deep: '{[' }]], 'x'],
      zahl: -0.5,
      leer: {},
      wahr: true,
      注文: '🚚',
    };
    for (const indent of [0, 2, '\t']) {
      const members = jsonMembers(JSON.stringify(value, null, indent));
      const rebuilt = Object.fromEntries(members.map(({ name, raw }) => [name, JSON.parse(raw) as unknown]));
      expect(rebuilt).toEqual(value);
    }
  });
});
