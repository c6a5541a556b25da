import { describe, expect, it } from 'vitest';
import {
  assignment,
  commaSeparated,
  duration,
  durationUpTo,
  instant,
  oneOf,
  route,
  text,
  url,
  wholeNumber,
} from '../../src/arguments/readers.ts';

describe('duration', () => {
  it.each([
    ['500ms', 500],
    ['60s', 60_000],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['7d', 604_800_000],
    ['0s', 0],
  ])('reads %s', (given, ms) => {
    expect(duration(given, '--max-lag')).toBe(ms);
  });

  it.each(['', 's', '1.5s', '-1s', '5 m', '5M', '1h30m', '5min', '9999999999999s'])('refuses %j', (given) => {
    expect(() => duration(given, '--max-lag')).toThrow(
      `--max-lag must be a whole number with a unit, such as 500ms, 60s, 5m, 2h or 7d; got "${given}".`,
    );
  });

  it('can have an upper bound', () => {
    expect(durationUpTo('24h')('1d', '--stop-timeout')).toBe(86_400_000);
    expect(() => durationUpTo('24h')('2d', '--stop-timeout')).toThrow(
      '--stop-timeout must be at most 24h; got "2d".',
    );
  });

  it('says that the unit is missing when that is all', () => {
    expect(() => duration('60', '--max-lag')).toThrow('got "60"; the unit is missing.');
  });
});

describe('wholeNumber', () => {
  it('reads numbers within its bounds, both included', () => {
    expect(wholeNumber(1, 64)('1', '--lanes')).toBe(1);
    expect(wholeNumber(1, 64)('64', '--lanes')).toBe(64);
  });

  it.each(['0', '65', '1e1', '0x10', ' 3', '3.0', '-1', '', 'many'])('refuses %j', (given) => {
    expect(() => wholeNumber(1, 64)(given, '--lanes')).toThrow(
      `--lanes must be a whole number from 1 to 64; got "${given}".`,
    );
  });
});

describe('instant', () => {
  it.each([
    ['2026-03-01', '2026-03-01T00:00:00.000Z'],
    ['2026-03-01T12:30Z', '2026-03-01T12:30:00.000Z'],
    ['2026-03-01T12:30:15.250+02:00', '2026-03-01T10:30:15.250Z'],
  ])('reads %s', (given, expected) => {
    expect(instant(given, '--since').toISOString()).toBe(expected);
  });

  it('reads how long ago', () => {
    const before = Date.now();
    const time = instant('2h', '--since').getTime();
    expect(time).toBeGreaterThanOrEqual(before - 7_200_000);
    expect(time).toBeLessThanOrEqual(Date.now() - 7_200_000);
  });

  it.each(['yesterday', '2026-13-01', '2026-03-01T12:30', '12:30', '1767225600000', '2026-3-1'])(
    'refuses %j, which is no time or lacks its zone',
    (given) => {
      expect(() => instant(given, '--since')).toThrow(
        /^--since must be a time such as 2026-03-01, .*; got "/,
      );
    },
  );
});

describe('url', () => {
  it('does not show what it refuses', () => {
    expect(url('postgres://user:pw@db/shop', '--from')).toBe('postgres://user:pw@db/shop');
    expect(() => url('user:pw@db/shop'.replace('user:', 'u ser:'), '--from')).toThrow(
      /^--from must be a URL that begins with a scheme, such as sqlite:shop\.db or https:\/\/example\.com\/hook\.$/,
    );
  });
});

describe('assignment', () => {
  it('splits at the first equals sign', () => {
    expect(assignment('order.*=https://a.example/x?y=1', '--to-option')).toEqual([
      'order.*',
      'https://a.example/x?y=1',
    ]);
    expect(assignment('name=', '--to-option')).toEqual(['name', '']);
  });

  it.each(['secret', '=value'])('refuses %j without showing it', (given) => {
    expect(() => assignment(given, '--to-option')).toThrow(
      '--to-option must have the form NAME=VALUE, for example --to-option concurrency=8.',
    );
  });
});

describe('texts', () => {
  it('reads names separated by commas', () => {
    expect(commaSeparated('a, b.*', '--topics')).toEqual(['a', 'b.*']);
    expect(() => commaSeparated('a,,b', '--topics')).toThrow('separated by commas; got "a,,b".');
  });

  it('reads one of several words', () => {
    expect(oneOf('rejected', 'undecodable')('rejected', '--reason')).toBe('rejected');
    expect(() => oneOf('rejected', 'undecodable')('dead', '--reason')).toThrow(
      '--reason must be one of rejected, undecodable; got "dead".',
    );
  });

  it('refuses the empty text', () => {
    expect(() => text('', '--name')).toThrow('--name must not be empty.');
  });
});

describe('route', () => {
  it('takes the topic before the first "=" and a URL behind it', () => {
    expect(route('order.*=https://a.example/x?y=1', '--route')).toEqual([
      'order.*',
      'https://a.example/x?y=1',
    ]);
  });

  it.each(['order.*', '=https://a.example', ''])('refuses %j and says what is expected', (given) => {
    expect(() => route(given, '--route')).toThrow(
      "--route must have the form TOPIC=URL, for example --route 'order.*=https://a.example/hook'.",
    );
  });

  it('refuses what is no URL, and does not show it', () => {
    expect(() => route('order.*=a.example/secret', '--route')).toThrow(
      /^The URL of --route order\.\* must be a URL that begins with a scheme, such as \S+ or \S+\.$/,
    );
  });
});
