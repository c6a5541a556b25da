import { describe, expect, it } from 'vitest';
import { Throttle } from '../../src/run/throttle.ts';

describe('Throttle', () => {
  it('lets the first pass, then one per interval with the number it held back', () => {
    const throttle = new Throttle(100);
    expect([0, 10, 99, 100, 150, 250].map((nowMs) => throttle.pass('a', nowMs))).toEqual([
      0,
      null,
      null,
      2,
      null,
      1,
    ]);
  });

  it('keeps kinds apart', () => {
    const throttle = new Throttle(100);
    expect(throttle.pass('a', 0)).toBe(0);
    expect(throttle.pass('b', 1)).toBe(0);
  });
});
