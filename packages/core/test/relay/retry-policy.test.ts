import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RetrySettings, readRetry, retryDelayMs } from '../../src/relay/retry-policy.ts';

const defaults = readRetry('retry', undefined);

describe('readRetry', () => {
  it('has the documented defaults', () => {
    expect(defaults).toEqual({
      maxAttempts: 20,
      minDelayMs: 500,
      maxDelayMs: 600_000,
      factor: 2,
      jitter: 0.3,
    });
  });

  it('takes what is absent from the given defaults, and undefined for absent', () => {
    const relay = readRetry('retry', { maxAttempts: 3, jitter: 0 });
    expect(readRetry('retry', { jitter: 1 }, relay)).toEqual({ ...relay, jitter: 1 });
    expect(readRetry('retry', { maxAttempts: undefined }, relay)).toEqual(relay);
    expect(readRetry('retry', undefined, relay)).toEqual(relay);
  });

  it.each([[null], [5], ['often'], [[]], [true]])('refuses %j', (options) => {
    expect(() => readRetry('retry', options)).toThrow(/^Expected retry to get an options object; got /);
    expect(() => readRetry('retry', options, defaults)).toThrow(TypeError);
  });

  it('refuses a longest wait below the first', () => {
    expect(() => readRetry('retry', { minDelayMs: 5, maxDelayMs: 4 })).toThrow(
      new TypeError('retry: "minDelayMs" (5) must not exceed "maxDelayMs" (4).'),
    );
  });

  it.each([{ maxAttempts: 0 }, { minDelayMs: -1 }, { factor: 0.5 }, { jitter: 1.1 }, { attempts: 3 }])(
    'refuses %j',
    (options) => {
      expect(() => readRetry('retry', options)).toThrow(TypeError);
    },
  );
});

describe('retryDelayMs', () => {
  it('doubles up to the cap', () => {
    const waits = [1, 2, 3, 11, 12, 20].map((attempt) => retryDelayMs(defaults, attempt, 0));
    expect(waits).toEqual([500, 1_000, 2_000, 512_000, 600_000, 600_000]);
  });

  it('leaves its jitter to chance, downwards', () => {
    expect([0, 0.5, 1].map((unit) => retryDelayMs(defaults, 1, unit))).toEqual([500, 425, 350]);
  });

  it('waits for as long as documented in all: about an hour and a half', () => {
    let total = 0;
    for (let attempt = 1; attempt < defaults.maxAttempts; attempt++)
      total += retryDelayMs(defaults, attempt, 0.5);
    expect(total / 60_000).toBeGreaterThan(75);
    expect(total / 60_000).toBeLessThan(105);
  });

  it('waits not at all when told so, however often a message has failed', () => {
    const eager = readRetry('retry', { minDelayMs: 0, factor: 100 });
    expect([1, 2, 2_000].map((attempt) => retryDelayMs(eager, attempt, 0.5))).toEqual([0, 0, 0]);
  });

  it('stays within its bounds and never shrinks, for any settings and any attempt', () => {
    const settings: fc.Arbitrary<RetrySettings> = fc
      .record({
        maxAttempts: fc.constant(1_000_000),
        minDelayMs: fc.integer({ min: 0, max: 86_400_000 }),
        more: fc.integer({ min: 0, max: 86_400_000 }),
        factor: fc.double({ min: 1, max: 100, noNaN: true }),
        jitter: fc.double({ min: 0, max: 1, noNaN: true }),
      })
      .map(({ more, ...rest }) => ({ ...rest, maxDelayMs: rest.minDelayMs + more }));
    const attempts = fc.integer({ min: 1, max: 1_000_000 });
    const units = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(settings, attempts, attempts, units, (retry, one, other, unit) => {
        const [early, late] = [Math.min(one, other), Math.max(one, other)];
        const delayMs = retryDelayMs(retry, late, unit);
        expect(Number.isInteger(delayMs)).toBe(true);
        expect(delayMs).toBeGreaterThanOrEqual(Math.floor(retry.minDelayMs * (1 - retry.jitter)));
        expect(delayMs).toBeLessThanOrEqual(retry.maxDelayMs);
        expect(delayMs).toBeGreaterThanOrEqual(retryDelayMs(retry, early, unit));
      }),
    );
  });
});
