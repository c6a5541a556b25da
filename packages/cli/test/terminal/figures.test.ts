import { describe, expect, it } from 'vitest';
import { age, boundedCount, bytes, count, duration, plural, rate } from '../../src/terminal/figures.ts';

describe('duration', () => {
  it.each([
    [-5, '0 ms'],
    [0, '0 ms'],
    [250.4, '250 ms'],
    [1_000, '1.0 s'],
    [1_290, '1.2 s'],
    [9_999, '9.9 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [243_000, '4 min 3 s'],
    [3_600_000, '1 h'],
    [7_500_000, '2 h 5 min'],
    [86_400_000, '1 d'],
    [273_600_000, '3 d 4 h'],
  ])('shows %d ms as %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });
});

describe('age', () => {
  it('has one unit', () => {
    expect([age(250), age(1_290), age(243_000), age(273_600_000)]).toEqual([
      '250 ms',
      '1.2 s',
      '4 min',
      '3 d',
    ]);
  });
});

describe('counts', () => {
  it('groups thousands and marks lower bounds', () => {
    expect(count(1_234_567)).toBe('1,234,567');
    expect(boundedCount({ value: 10_000, exact: false })).toBe('10,000+');
    expect(boundedCount({ value: 3, exact: true })).toBe('3');
  });

  it('agrees in number', () => {
    expect(plural(1, 'message')).toBe('1 message');
    expect(plural(0, 'message')).toBe('0 messages');
    expect(plural(2, 'entry', 'entries')).toBe('2 entries');
  });

  it('shows slow rates with a decimal', () => {
    expect([rate(0), rate(0.25), rate(9.96), rate(12.4), rate(1_234.5)]).toEqual([
      '0/s',
      '0.3/s',
      '10.0/s',
      '12/s',
      '1,235/s',
    ]);
  });

  it('shows sizes', () => {
    expect([bytes(1), bytes(1_023), bytes(1_536), bytes(12 * 1024 * 1024)]).toEqual([
      '1 byte',
      '1,023 bytes',
      '1.5 KiB',
      '12 MiB',
    ]);
  });
});
