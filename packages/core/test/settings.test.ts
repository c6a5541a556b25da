import { describe as group, expect, it } from 'vitest';
import {
  any,
  boolean,
  describe,
  integer,
  number,
  oneOf,
  optionalFunction,
  readOptions,
  record,
  text,
} from '../src/settings.ts';

group('readOptions', () => {
  const checks = { size: integer(5, 1, 10), loud: boolean(false) };

  it('gives every setting, from the options or from its default', () => {
    expect(readOptions('thing', { size: 7 }, checks)).toEqual({ size: 7, loud: false });
    expect(readOptions('thing', { size: undefined }, checks)).toEqual({ size: 5, loud: false });
  });

  it('refuses a name that no check knows, and says which there are', () => {
    expect(() => readOptions('thing', { sise: 7 }, checks)).toThrow(
      new TypeError('thing has no option "sise". It takes: size, loud.'),
    );
    expect(() => readOptions('thing', { toString: 1 }, checks)).toThrow(TypeError);
  });

  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [5, '5'],
    [[], 'an array'],
    ['loud', '"loud"'],
    [() => {}, 'a function'],
  ])('refuses %j instead of an options object', (options, shown) => {
    expect(() => readOptions('thing', options, checks)).toThrow(
      new TypeError(`Expected thing to get an options object; got ${shown}.`),
    );
  });

  it('names the option whose value is wrong', () => {
    expect(() => readOptions('thing', { loud: 'false' }, checks)).toThrow(
      new TypeError('thing: option "loud" must be true or false; got "false".'),
    );
  });
});

group('integer', () => {
  const check = integer(5, 1, 10);

  it('takes whole numbers within bounds, and its default for undefined', () => {
    expect([check(1, 'n'), check(10, 'n'), check(undefined, 'n')]).toEqual([1, 10, 5]);
  });

  it.each([0, 11, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '5', null, 5n])('refuses %s', (value) => {
    expect(() => check(value, 'n')).toThrow(/^n must be a whole number from 1 to 10; got /);
  });
});

group('number', () => {
  const check = number(0.5, 0, 1);

  it('takes numbers within bounds, and its default for undefined', () => {
    expect([check(0, 'n'), check(0.25, 'n'), check(undefined, 'n')]).toEqual([0, 0.25, 0.5]);
  });

  it.each([-0.1, 1.1, Number.NaN, '0.5', null])('refuses %s', (value) => {
    expect(() => check(value, 'n')).toThrow(/^n must be a number from 0 to 1; got /);
  });
});

group('the other checks', () => {
  it('oneOf takes a listed text and lists them otherwise', () => {
    const check = oneOf('a', ['a', 'b']);
    expect([check('b', 'mode'), check(undefined, 'mode')]).toEqual(['b', 'a']);
    expect(() => check('c', 'mode')).toThrow(new TypeError('mode must be one of "a", "b"; got "c".'));
  });

  it('text takes what is not empty', () => {
    expect([text('x')(undefined, 'name'), text(undefined)('y', 'name')]).toEqual(['x', 'y']);
    expect(() => text(undefined)(undefined, 'name')).toThrow('got undefined');
    expect(() => text('x')('', 'name')).toThrow('a text that is not empty');
  });

  it('record takes an object and nothing that only looks like one', () => {
    const empty = {};
    expect(record(empty)(undefined, 'map')).toBe(empty);
    expect(record(empty)({ a: 1 }, 'map')).toEqual({ a: 1 });
    for (const value of [null, [], 'text', 5]) {
      expect(() => record(empty)(value, 'map')).toThrow(/^map must be an object; got /);
    }
  });

  it('any takes anything, undefined being absent', () => {
    expect([any(1)(undefined, 'x'), any<unknown>(1)(null, 'x')]).toEqual([1, null]);
  });

  it('optionalFunction takes a function or nothing', () => {
    const given = (): void => {};
    expect(optionalFunction()(given, 'hook')).toBe(given);
    expect(optionalFunction()(undefined, 'hook')).toBeUndefined();
    expect(() => optionalFunction()('given', 'hook')).toThrow('hook must be a function; got "given".');
  });
});

group('the description of a wrong value', () => {
  class Pool {
    readonly password = 'secret';
  }

  it.each([
    [null, 'null'],
    [undefined, 'undefined'],
    [true, 'true'],
    [1.5, '1.5'],
    ['short', '"short"'],
    ['x'.repeat(41), 'another text'],
    ['postgres://app:secret@db/shop', 'another text'],
    [[1], 'an array'],
    [{ password: 'secret' }, 'an object (Object)'],
    [new Pool(), 'an object (Pool)'],
    [Object.create(null), 'an object (without a class)'],
    [() => {}, 'a function'],
    [Symbol('s'), 'a symbol'],
    [5n, 'a bigint'],
  ])('names it without what it may hold (case %#)', (value, shown) => {
    expect(describe(value)).toBe(shown);
  });
});
