import type { Random } from '../../src/clock.ts';

/** Chance that a test decides: the given numbers one after the other, then 0.5 for ever; tokens that count up. */
export function scriptedRandom(...units: number[]): Random {
  let tokens = 0;
  return {
    unit: () => units.shift() ?? 0.5,
    token: () => (++tokens).toString(16).padStart(32, '0'),
  };
}

/** Chance that repeats for a seed (the generator is mulberry32); for tests that try many courses of events. */
export function seededRandom(seed: number): Random {
  let state = seed | 0;
  const unit = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
  const tokens = scriptedRandom();
  return { unit, token: () => tokens.token() };
}
