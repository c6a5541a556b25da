import { describe, expect, it } from 'vitest';
import { Breaker, readBreaker } from '../../src/relay/breaker.ts';

const settings = readBreaker('breaker', { failures: 3, rejections: 5 });
const scope = { transport: 't', topic: 'a' };
const breakerOf = (unit = 0): Breaker => new Breaker(scope, settings, () => unit);

describe('readBreaker', () => {
  it('has the documented defaults', () => {
    expect(readBreaker('breaker', undefined)).toEqual({
      failures: 10,
      rejections: 100,
      minOpenMs: 500,
      maxOpenMs: 30_000,
    });
  });

  it.each([[null], [5], [[]], [{ failures: 0 }], [{ rejections: 0.5 }], [{ minOpenMs: 0 }], [{ openMs: 5 }]])(
    'refuses %j',
    (options) => {
      expect(() => readBreaker('breaker', options)).toThrow(TypeError);
    },
  );

  it('refuses a longest time below the first', () => {
    expect(() => readBreaker('breaker', { minOpenMs: 5, maxOpenMs: 4 })).toThrow(
      new TypeError('breaker: "minOpenMs" must not exceed "maxOpenMs".'),
    );
  });
});

describe('Breaker', () => {
  it('is closed at first', () => {
    expect(breakerOf().state).toBe('closed');
  });

  it('has to open after so many failures, or so many rejections, in a row', () => {
    const failing = breakerOf();
    expect([failing.count('failed'), failing.count('failed'), failing.count('failed')]).toEqual([
      false,
      false,
      true,
    ]);
    const rejecting = breakerOf();
    const answers = Array.from({ length: 5 }, () => rejecting.count('rejected'));
    expect(answers).toEqual([false, false, false, false, true]);
  });

  it('counts failures and rejections apart', () => {
    const breaker = breakerOf();
    for (let index = 0; index < 2; index++) breaker.count('failed');
    expect(Array.from({ length: 4 }, () => breaker.count('rejected'))).toEqual([false, false, false, false]);
  });

  it('begins to count anew when it closes', () => {
    const breaker = breakerOf();
    breaker.count('failed');
    breaker.count('failed');
    breaker.close();
    expect([breaker.count('failed'), breaker.count('failed')]).toEqual([false, false]);
  });

  it('stays open twice as long each time, up to the cap, until something was accepted', () => {
    const breaker = breakerOf();
    expect(Array.from({ length: 8 }, () => breaker.open())).toEqual([
      500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000,
    ]);
    breaker.close();
    expect(breaker.open()).toBe(500);
  });

  it('leaves up to a fifth of its time to chance', () => {
    expect(breakerOf(1).open()).toBe(400);
  });

  it('goes from open to half-open, and counts how often it was opened', () => {
    const breaker = breakerOf();
    breaker.open();
    expect(breaker.state).toBe('open');
    breaker.halfOpen();
    expect(breaker.state).toBe('half-open');
    breaker.open();
    expect(breaker.openings).toBe(2);
    breaker.close();
    expect(breaker.state).toBe('closed');
  });
});
