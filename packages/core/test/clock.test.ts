import { afterEach, describe, expect, it, vi } from 'vitest';
import { systemClock, systemRandom } from '../src/clock.ts';

afterEach(() => {
  vi.useRealTimers();
});

describe('systemClock', () => {
  it('keeps waits that are longer than a timer of Node.js takes, and cancels them', () => {
    vi.useFakeTimers();
    const [monthMs, calls] = [30 * 24 * 3_600_000, [] as string[]];
    systemClock.setTimer(monthMs, () => calls.push('kept'));
    const cancel = systemClock.setTimer(monthMs, () => calls.push('cancelled'));
    vi.advanceTimersByTime(monthMs - 1);
    expect(calls).toEqual([]);
    cancel();
    vi.advanceTimersByTime(1);
    expect(calls).toEqual(['kept']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('never goes back', () => {
    let last = systemClock.monotonicMs();
    for (let index = 0; index < 1_000; index++) {
      const now = systemClock.monotonicMs();
      expect(now).toBeGreaterThanOrEqual(last);
      last = now;
    }
  });

  it('calls back once, and not when it was cancelled before', async () => {
    const calls: string[] = [];
    const cancel = systemClock.setTimer(0, () => calls.push('cancelled'));
    cancel();
    await new Promise<void>((resolve) => {
      systemClock.setTimer(1, () => {
        calls.push('kept');
        resolve();
      });
    });
    expect(calls).toEqual(['kept']);
  });

  it('lets timers that are due run before the caller goes on', async () => {
    const ran: string[] = [];
    systemClock.setTimer(1, () => ran.push('timer'));
    const begin = systemClock.monotonicMs();
    while (systemClock.monotonicMs() - begin < 5);
    // A timer runs in the next round of the event loop, or in the one after when it is early by a fraction.
    await systemClock.yield();
    await systemClock.yield();
    expect(ran).toEqual(['timer']);
  });
});

describe('systemRandom', () => {
  it('gives numbers from 0 to 1, 1 excluded', () => {
    for (let index = 0; index < 1_000; index++) {
      const unit = systemRandom.unit();
      expect(unit >= 0 && unit < 1).toBe(true);
    }
  });

  it('gives tokens of 128 bits that differ', () => {
    const tokens = Array.from({ length: 1_000 }, () => systemRandom.token());
    expect(tokens.every((token) => /^[0-9a-f]{32}$/.test(token))).toBe(true);
    expect(new Set(tokens).size).toBe(1_000);
  });
});
