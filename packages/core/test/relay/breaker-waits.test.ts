import { describe, expect, it } from 'vitest';
import { Breaker, readBreaker } from '../../src/relay/breaker.ts';
import { BreakerWaits } from '../../src/relay/breaker-waits.ts';
import { never } from '../support/script.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const breakerOf = (): Breaker =>
  new Breaker({ transport: 't', topic: null }, readBreaker('breaker', undefined), () => 0);
const fine = { check: async (): Promise<void> => {} };

describe('BreakerWaits', () => {
  it('waits for the time, without a check where there is none', async () => {
    const clock = new VirtualClock();
    const ended: unknown[] = [];
    new BreakerWaits(clock).begin(breakerOf(), 500, undefined, (failure) => ended.push(failure));
    await clock.advance(499);
    expect(ended).toEqual([]);
    await clock.advance(1);
    expect(ended).toEqual([null]);
  });

  it('asks for the connection after the time, and tells what came of it', async () => {
    const clock = new VirtualClock();
    const waits = new BreakerWaits(clock);
    const ended: unknown[] = [];
    const error = new Error('refused');
    const down = { check: (): Promise<void> => Promise.reject(error) };
    waits.begin(breakerOf(), 500, fine, (failure) => ended.push(failure));
    waits.begin(breakerOf(), 600, down, (failure) => ended.push(failure));
    await clock.advance(600);
    expect(ended).toEqual([null, { error }]);
    expect(clock.timers).toBe(0);
  });

  it('aborts a check after five seconds', async () => {
    const clock = new VirtualClock();
    const ended: unknown[] = [];
    const slow = {
      check: (signal: AbortSignal): Promise<void> =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error));
        }),
    };
    new BreakerWaits(clock).begin(breakerOf(), 500, slow, (failure) => ended.push(failure));
    await clock.advance(5_500);
    expect(ended).toEqual([{ error: new Error('no outcome within 5000 ms') }]);
  });

  it('does not wait for ever for a check that heeds no abort', async () => {
    const clock = new VirtualClock();
    const ended: unknown[] = [];
    new BreakerWaits(clock).begin(breakerOf(), 500, { check: () => never() }, (failure) =>
      ended.push(failure),
    );
    await clock.advance(6_500);
    expect(ended).toHaveLength(1);
    expect(clock.timers).toBe(0);
  });

  it('takes a check that throws at once for one that failed', async () => {
    const clock = new VirtualClock();
    const ended: unknown[] = [];
    const broken = {
      check(): Promise<void> {
        throw new TypeError('no socket');
      },
    };
    new BreakerWaits(clock).begin(breakerOf(), 500, broken, (failure) => ended.push(failure));
    await clock.advance(500);
    expect(ended).toEqual([{ error: new TypeError('no socket') }]);
  });

  it('hears nothing more of a wait that was forgotten, in whatever state', async () => {
    const clock = new VirtualClock();
    const waits = new BreakerWaits(clock);
    const breaker = breakerOf();
    const ended: unknown[] = [];
    const slow = { check: (): Promise<void> => clock.sleep(1_000) };
    waits.begin(breaker, 500, slow, (failure) => ended.push(failure));
    await clock.advance(100);
    waits.forget(breaker);
    expect(clock.timers).toBe(0);
    waits.begin(breaker, 500, slow, (failure) => ended.push(failure));
    await clock.advance(600);
    waits.forget(breaker);
    await clock.advance(10_000);
    expect(ended).toEqual([]);
  });

  it('lets a new wait of a breaker take the place of the old one, also during its check', async () => {
    const clock = new VirtualClock();
    const waits = new BreakerWaits(clock);
    const breaker = breakerOf();
    const ended: string[] = [];
    waits.begin(breaker, 500, { check: () => clock.sleep(1_000) }, () => ended.push('first'));
    await clock.advance(600);
    waits.begin(breaker, 2_000, fine, () => ended.push('second'));
    await clock.advance(10_000);
    expect(ended).toEqual(['second']);
  });

  it('ends timers and checks when it is closed, and begins nothing after', async () => {
    const clock = new VirtualClock();
    const waits = new BreakerWaits(clock);
    const ended: unknown[] = [];
    const signals: AbortSignal[] = [];
    const hanging = {
      check(signal: AbortSignal): Promise<void> {
        signals.push(signal);
        return never();
      },
    };
    waits.begin(breakerOf(), 500, hanging, (failure) => ended.push(failure));
    waits.begin(breakerOf(), 5_000, fine, (failure) => ended.push(failure));
    await clock.advance(600);
    waits.close();
    waits.begin(breakerOf(), 500, fine, (failure) => ended.push(failure));
    expect(signals[0]?.aborted).toBe(true);
    await clock.advance(10_000);
    expect(ended).toEqual([]);
    expect(clock.timers).toBe(0);
  });
});
