import { describe, expect, it } from 'vitest';
import { MAX_RETRY_AFTER_MS, retryAfterMs } from '../src/retry-after.ts';

const NOW = Date.UTC(1994, 10, 6, 8, 49, 37);

describe('retryAfterMs', () => {
  it.each([
    ['0', 0],
    ['120', 120_000],
    [' 7 ', 7_000],
    ['86400', MAX_RETRY_AFTER_MS],
    ['86401', MAX_RETRY_AFTER_MS],
    ['9'.repeat(400), MAX_RETRY_AFTER_MS],
    ['Sun, 06 Nov 1994 08:49:40 GMT', 3_000],
    ['Sunday, 06-Nov-94 08:49:40 GMT', 3_000],
    ['Sun Nov  6 08:49:40 1994', 3_000],
    ['Sun, 06 Nov 1994 08:49:30 GMT', 0],
    ['Sun, 06 Nov 2094 08:49:40 GMT', MAX_RETRY_AFTER_MS],
  ] as const)('reads %j as %s ms', (value, wait) => {
    expect(retryAfterMs(value, undefined, NOW)).toBe(wait);
  });

  it.each([
    [2026, '26', 3_000],
    [2026, '76', MAX_RETRY_AFTER_MS],
    [2026, '77', 0],
    [2026, '94', 0],
    [1994, '44', MAX_RETRY_AFTER_MS],
    [1994, '45', 0],
    [2060, '05', MAX_RETRY_AFTER_MS],
  ])('in %i takes the year %j of the obsolete form for one at most 50 years ahead', (now, year, wait) => {
    const nowMs = Date.UTC(now, 10, 6, 8, 49, 37);
    expect(retryAfterMs(`Friday, 06-Nov-${year} 08:49:40 GMT`, undefined, nowMs)).toBe(wait);
  });

  it.each([
    undefined,
    '',
    '-1',
    '1.5',
    '1e3',
    'soon',
    '5 apples',
    '2026-01-01',
    'Sun, 06 Foo 1994 08:49:37 GMT',
  ])('ignores %j', (value) => {
    expect(retryAfterMs(value, undefined, NOW)).toBeUndefined();
  });

  it('measures a date from the date of the response, whatever the clock here says', () => {
    const date = 'Sun, 06 Nov 1994 08:00:00 GMT';
    expect(retryAfterMs('Sun, 06 Nov 1994 08:00:30 GMT', date, NOW)).toBe(30_000);
    expect(retryAfterMs('Sun, 06 Nov 1994 08:49:40 GMT', 'yesterday', NOW)).toBe(3_000);
  });
});
