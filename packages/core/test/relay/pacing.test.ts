import { describe, expect, it } from 'vitest';
import { Backoff, Pacing } from '../../src/relay/pacing.ts';
import { scriptedRandom } from '../support/scripted-random.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const FOR_EVER = Number.POSITIVE_INFINITY;

describe('Pacing', () => {
  it('waits as long as it was told', async () => {
    const clock = new VirtualClock();
    const pacing = new Pacing(clock);
    await clock.outcome(pacing.wait(pacing.mark(), 250));
    expect(clock.monotonicMs()).toBe(250);
  });

  it('ends all waits at a wake-up, and leaves no timer', async () => {
    const clock = new VirtualClock();
    const pacing = new Pacing(clock);
    const waits = [250, 500, FOR_EVER].map((delayMs) => pacing.wait(pacing.mark(), delayMs));
    pacing.wake();
    await clock.outcome(Promise.all(waits));
    expect([clock.monotonicMs(), clock.timers]).toEqual([0, 0]);
  });

  it('does not lose a wake-up between the mark and the wait', async () => {
    const clock = new VirtualClock();
    const pacing = new Pacing(clock);
    const mark = pacing.mark();
    pacing.wake();
    await clock.outcome(pacing.wait(mark, FOR_EVER));
    expect(clock.timers).toBe(0);
  });

  it('takes a wake-up before the mark for answered', async () => {
    const clock = new VirtualClock();
    const pacing = new Pacing(clock);
    pacing.wake();
    let over = false;
    void pacing.wait(pacing.mark(), FOR_EVER).then(() => {
      over = true;
    });
    await clock.advance(1_000_000);
    expect(over).toBe(false);
  });

  it('lets those who wait again during a wake-up wait', async () => {
    const clock = new VirtualClock();
    const pacing = new Pacing(clock);
    let rounds = 0;
    const loop = async (): Promise<void> => {
      while (rounds < 3) {
        await pacing.wait(pacing.mark(), FOR_EVER);
        rounds++;
      }
    };
    const looping = loop();
    for (let expected = 1; expected <= 3; expected++) {
      pacing.wake();
      await clock.until(() => rounds === expected);
    }
    await clock.outcome(looping);
    expect(rounds).toBe(3);
  });
});

describe('Backoff', () => {
  it('doubles from the first wait to the longest, and begins anew after something good', () => {
    const backoff = new Backoff({ minMs: 5, maxMs: 250 }, () => 0);
    expect(Array.from({ length: 8 }, () => backoff.nextMs())).toEqual([5, 10, 20, 40, 80, 160, 250, 250]);
    backoff.reset();
    expect(backoff.nextMs()).toBe(5);
  });

  it('leaves up to a fifth to chance', () => {
    const random = scriptedRandom(0.5, 1);
    const backoff = new Backoff({ minMs: 100, maxMs: 100 }, () => random.unit());
    expect([backoff.nextMs(), backoff.nextMs()]).toEqual([90, 80]);
  });
});
