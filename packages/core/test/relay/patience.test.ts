import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { untilAborted, within } from '../../src/relay/patience.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const timedOut = (): Error => new Error('too late');
const never = new Promise<never>(() => {});

describe('within', () => {
  it('gives what the call gives, and leaves no timer', async () => {
    const clock = new VirtualClock();
    await expect(within(Promise.resolve(5), clock, 100, timedOut)).resolves.toBe(5);
    await expect(within(Promise.reject(new Error('x')), clock, 100, timedOut)).rejects.toThrow('x');
    expect(clock.timers).toBe(0);
  });

  it('gives up in time', async () => {
    const clock = new VirtualClock();
    await expect(clock.outcome(within(never, clock, 100, timedOut))).rejects.toThrow('too late');
    expect(clock.monotonicMs()).toBe(100);
  });

  it('hands over what comes too late, and forgets a late error', async () => {
    const clock = new VirtualClock();
    const given: string[] = [];
    const late = clock.sleep(200).then(() => 'value');
    await expect(
      clock.outcome(within(late, clock, 100, timedOut, (value) => given.push(value))),
    ).rejects.toThrow('too late');
    const failing = clock.sleep(200).then(() => Promise.reject(new Error('late')));
    await expect(clock.outcome(within(failing, clock, 100, timedOut))).rejects.toThrow('too late');
    await clock.advance(1_000);
    expect(given).toEqual(['value']);
  });
});

describe('untilAborted', () => {
  it('gives what the call gives, also after the abort', async () => {
    const clock = new VirtualClock();
    const controller = new AbortController();
    const call = untilAborted(
      clock.sleep(500).then(() => 'value'),
      controller.signal,
      clock,
    );
    controller.abort();
    await expect(clock.outcome(call)).resolves.toBe('value');
    expect(clock.timers).toBe(0);
  });

  it('waits without limit while nothing is aborted', async () => {
    const clock = new VirtualClock();
    const { signal } = new AbortController();
    const call = untilAborted(
      clock.sleep(10_000_000).then(() => 'value'),
      signal,
      clock,
    );
    await expect(clock.outcome(call, 20_000_000)).resolves.toBe('value');
  });

  it.each(['before', 'after'])(
    'gives up a second after the abort when that came %s the call',
    async (when) => {
      const clock = new VirtualClock();
      const controller = new AbortController();
      if (when === 'before') controller.abort(new Error('enough'));
      const call = untilAborted(never, controller.signal, clock);
      if (when === 'after') controller.abort(new Error('enough'));
      await expect(clock.outcome(call)).rejects.toMatchObject({
        code: 'TRANSPORT_OUTCOME_UNKNOWN',
        message: 'No answer after the call was aborted: enough',
      });
      expect(clock.monotonicMs()).toBe(1_000);
    },
  );

  it('leaves neither listeners nor timers behind', async () => {
    const clock = new VirtualClock();
    const { signal } = new AbortController();
    await untilAborted(Promise.resolve(), signal, clock);
    await expect(untilAborted(Promise.reject(new Error('x')), signal, clock)).rejects.toThrow('x');
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    expect(clock.timers).toBe(0);
  });
});
