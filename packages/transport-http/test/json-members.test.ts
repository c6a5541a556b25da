import { describe, expect, it } from 'vitest';
import { jsonMembers } from '../src/json-members.ts';

describe('jsonMembers', () => {
  it.each([
    ['{}', {}],
    [' { } ', {}],
    ['{"a":1}', { a: '1' }],
    [
      '{ "a" : 9007199254740993.10 , "b" : [ 1, {"c":"}"} ] }\n',
      { a: '9007199254740993.10', b: '[ 1, {"c":"}"} ]' },
    ],
    ['{"a":"\\"}","b":"\\\\","c":null}', { a: '"\\"}"', b: '"\\\\"', c: 'null' }],
    ['{"a":{"a":1},"a":2}', { a: '2' }],
    ['{"\\u0061\\"":{},"":[]}', { 'a"': '{}', '': '[]' }],
    ['{"x:y":":","z":"{"}', { 'x:y': '":"', z: '"{"' }],
  ])('takes %s apart', (text, members) => {
    expect(Object.fromEntries(jsonMembers(text))).toEqual(members);
    const parsed = [...jsonMembers(text)].map(([name, value]) => [name, JSON.parse(value)]);
    expect(Object.fromEntries(parsed)).toEqual(JSON.parse(text));
  });
});
