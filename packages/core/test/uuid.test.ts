import { describe, expect, it, vi } from 'vitest';
import { uuidv7 } from '../src/uuid.ts';

describe('uuidv7', () => {
  it('has the form, version and variant of RFC 9562', () => {
    for (let index = 0; index < 1_000; index++) {
      expect(uuidv7()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
  });

  it('does not repeat', () => {
    const ids = new Set(Array.from({ length: 50_000 }, uuidv7));
    expect(ids.size).toBe(50_000);
  });

  it.each([0, 1, 0xffff_ffff, 0x1_0000_0000, 1_700_000_000_000, 2 ** 48 - 1])(
    'begins with the milliseconds of its time: %d',
    (time) => {
      vi.spyOn(Date, 'now').mockReturnValue(time);
      try {
        expect(Number.parseInt(uuidv7().replaceAll('-', '').slice(0, 12), 16)).toBe(time);
      } finally {
        vi.restoreAllMocks();
      }
    },
  );

  it('uses every random bit', () => {
    const seen = { or: 0n, and: (1n << 74n) - 1n };
    for (let index = 0; index < 2_000; index++) {
      const hex = uuidv7().replaceAll('-', '');
      const random =
        (BigInt(`0x${hex.slice(13, 16)}`) << 62n) | (BigInt(`0x${hex.slice(16)}`) & ((1n << 62n) - 1n));
      seen.or |= random;
      seen.and &= random;
    }
    expect(seen).toEqual({ or: (1n << 74n) - 1n, and: 0n });
  });
});
