import { describe, expect, it } from 'vitest';
import { median, percentile } from '../src/harness/statistics.ts';

describe('statistics', () => {
  it('take the middle', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });

  it('interpolate between neighbours', () => {
    const hundred = Array.from({ length: 101 }, (_, at) => at);
    expect(percentile(hundred, 0.99)).toBe(99);
    expect(percentile([0, 10], 0.25)).toBe(2.5);
  });

  it('refuse to sum up nothing', () => {
    expect(() => median([])).toThrow('nothing');
  });
});
