import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { Control } from '../../src/relay/control.ts';
import { promisesSettled, VirtualClock } from '../support/virtual-clock.ts';

const FOR_EVER = Number.POSITIVE_INFINITY;

describe('the state of a Control', () => {
  it('changes between running and paused, and says whether it changed', () => {
    const control = new Control(new VirtualClock());
    expect(control.change('running')).toBe(false);
    expect([control.change('paused'), control.state]).toEqual([true, 'paused']);
    expect([control.change('paused'), control.change('running')]).toEqual([false, true]);
  });

  it('never leaves stopping', () => {
    const control = new Control(new VirtualClock());
    expect([control.change('stopping'), control.stopping]).toEqual([true, true]);
    expect([control.change('stopping'), control.change('running'), control.state]).toEqual([
      false,
      false,
      'stopping',
    ]);
  });

  it('wakes whoever waits when it changes', async () => {
    const clock = new VirtualClock();
    const control = new Control(clock);
    for (const state of ['paused', 'running', 'stopping'] as const) {
      const waits = [control.pacing, control.backlog].map((pacing) => pacing.wait(pacing.mark(), FOR_EVER));
      control.change(state);
      await clock.outcome(Promise.all(waits));
    }
    expect(clock.timers).toBe(0);
  });
});

describe('the waits of a Control', () => {
  it('rest until their time or the stop, whichever comes first', async () => {
    const clock = new VirtualClock();
    const control = new Control(clock);
    await clock.outcome(control.rest(500));
    expect(clock.monotonicMs()).toBe(500);
    const resting = control.rest(500);
    control.pacing.wake();
    await clock.advance(100);
    control.change('stopping');
    await clock.outcome(resting);
    expect([clock.monotonicMs(), clock.timers]).toEqual([600, 0]);
    await clock.outcome(control.rest(500));
    expect(clock.monotonicMs()).toBe(600);
  });

  it('between attempts to settle go on while the relay stops, until it is abandoned', async () => {
    const clock = new VirtualClock();
    const control = new Control(clock);
    control.change('stopping');
    await clock.outcome(control.restUntilAbandoned(500));
    expect(clock.monotonicMs()).toBe(500);
    const resting = control.restUntilAbandoned(500);
    control.abandon();
    await clock.outcome(resting);
    expect(clock.monotonicMs()).toBe(500);
  });

  it('for the stop end with it', async () => {
    const clock = new VirtualClock();
    const control = new Control(clock);
    const waiting = control.untilStopping();
    control.change('stopping');
    await clock.outcome(waiting);
    await clock.outcome(control.untilStopping());
    expect(clock.monotonicMs()).toBe(0);
  });

  it('after the abandonment last as long as they were told', async () => {
    const clock = new VirtualClock();
    const control = new Control(clock);
    const grace = control.afterAbandon(2_000);
    await clock.advance(10_000);
    control.abandon();
    await clock.outcome(grace);
    expect(clock.monotonicMs()).toBe(12_000);
  });

  it('after the abandonment leave no timer once the relay has ended', async () => {
    const clock = new VirtualClock();
    const control = new Control(clock);
    const grace = control.afterAbandon(2_000);
    control.abandon();
    await promisesSettled();
    expect(clock.timers).toBe(1);
    control.end();
    await clock.outcome(grace);
    expect([clock.monotonicMs(), clock.timers]).toEqual([0, 0]);
  });

  it('leave no listener on a signal', async () => {
    const clock = new VirtualClock();
    const control = new Control(clock);
    for (let index = 0; index < 50; index++) await clock.outcome(control.restUntilAbandoned(10));
    expect(getEventListeners(control.abandoned, 'abort')).toHaveLength(0);
  });
});

describe('what a Control counts', () => {
  it('is what may have been published and is not recorded', () => {
    const control = new Control(new VirtualClock());
    control.exposed = 3;
    control.abandonedMessages = 2;
    expect(control.unsettled).toBe(5);
  });
});
