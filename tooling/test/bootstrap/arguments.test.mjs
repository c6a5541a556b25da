import { describe, expect, it } from 'vitest';
import { readArguments } from '../../bootstrap/arguments.mjs';

/** @param {string[]} argv */
const read = (...argv) => readArguments(argv, ['demo', 'test']);

describe('readArguments', () => {
  it('reads names and required servers', () => {
    expect(read('test', 'core', '--require=postgres,redis', 'cli')).toEqual({
      command: 'test',
      require: ['postgres', 'redis'],
      rest: ['core', 'cli'],
    });
    expect(read('test', '--require=all').require).toBe('all');
  });

  it('passes everything on to the demo', () => {
    expect(read('demo', '--orders=3', 'x').rest).toEqual(['--orders=3', 'x']);
  });

  it.each([
    [['tset'], 'Expected one of the commands demo, test; got tset'],
    [[], 'got none'],
    [['test', '--requier=all'], 'Unknown option --requier=all'],
    [['test', '--require='], '--require names no server'],
  ])('refuses %j', (argv, message) => {
    expect(() => read(...argv)).toThrow(message);
  });
});
