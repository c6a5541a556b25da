import type { Restore } from './harness.ts';

/**
 * Sets the clock of this process off by `offsetMs` until the answer is called: what a harness whose stores run in this
 * process offers as its power `wrongClock`.
 */
export async function shiftDate(offsetMs: number): Promise<Restore> {
  const original = globalThis.Date;
  class ShiftedDate extends original {
    constructor(...given: readonly unknown[]) {
      super(...((given.length === 0 ? [ShiftedDate.now()] : given) as [number]));
    }
    static override now(): number {
      return original.now() + offsetMs;
    }
    // Dates made before the shift are dates all the same.
    static override [Symbol.hasInstance](value: unknown): boolean {
      return value instanceof original;
    }
  }
  globalThis.Date = ShiftedDate as DateConstructor;
  return async () => {
    globalThis.Date = original;
  };
}
