import { describe, expect, it } from 'vitest';
import { checkLimits } from '../../src/guard/limits.ts';

describe('checkLimits', () => {
  it('takes numbers from 1, without bound', () => {
    expect(() => checkLimits('The store "s"', { a: 1, b: Number.POSITIVE_INFINITY })).not.toThrow();
  });

  it.each([0, 0.5, -1, Number.NaN, '5', null, undefined])('refuses %s, by name', (value) => {
    expect(() => checkLimits('The store "s"', { a: 1, b: value })).toThrow(
      /^The store "s" declares the limit "b" as .*; it must be at least 1\.$/,
    );
  });
});
