import { describe, expect, it } from 'vitest';
import { type ConsoleTransportOptions, consoleTransport } from '../src/index.ts';
import { readConsoleOptions } from '../src/options.ts';

describe('the options', () => {
  it('have the documented defaults', () => {
    expect(readConsoleOptions({})).toEqual({ stream: process.stdout, source: 'outrelay' });
  });

  it.each([
    ['an unknown name', { file: 'a' }, /no option "file"/],
    [
      'a stream that is none',
      { stream: 'stdout' },
      /option "stream" must be a writable stream; got "stdout"/,
    ],
    ['a stream of null', { stream: null }, /option "stream" must be a writable stream; got null/],
    ['half a stream', { stream: { write() {} } }, /option "stream" must be a writable stream/],
    ['an empty source', { source: '' }, /option "source" must be a text/],
    ['no object', null, /options object; got null/],
  ])('are refused with %s', (_what, options, text) => {
    const create = (): unknown => consoleTransport(options as ConsoleTransportOptions);
    expect(create).toThrow(TypeError);
    expect(create).toThrow(text);
  });
});
