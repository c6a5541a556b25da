import { describe, expect, it } from 'vitest';
import { readArguments } from '../src/arguments.ts';

describe('the command line', () => {
  it('may be empty', () => {
    expect(readArguments([])).toEqual({
      list: false,
      only: [],
      rounds: null,
      messages: null,
      json: null,
      profiles: null,
    });
  });

  it('takes several parts of names', () => {
    expect(readArguments(['--only', 'sqlite,drain', '--rounds', '3'])).toMatchObject({
      only: ['sqlite', 'drain'],
      rounds: 3,
    });
  });

  it.each([
    [['--rounds', '0'], '--rounds must be a whole number above zero; got "0"'],
    [['--messages', 'many'], '--messages must be a whole number above zero; got "many"'],
    [['--ony', 'sqlite'], "Unknown option '--ony'"],
  ])('refuses %j', (args, message) => {
    expect(() => readArguments(args)).toThrow(message);
  });
});
