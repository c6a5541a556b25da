import { getEventListeners } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { abortController, limitSignal } from '../../src/relay/abort.ts';
import { promisesSettled, VirtualClock } from '../support/virtual-clock.ts';

const warnings: Error[] = [];
const note = (warning: Error): void => {
  warnings.push(warning);
};
beforeAll(() => {
  process.on('warning', note);
});
afterAll(() => {
  process.off('warning', note);
});

describe('limitSignal', () => {
  it('aborts with the reason of whichever source aborts first', () => {
    const [one, two] = [new AbortController(), new AbortController()];
    const limit = limitSignal([one.signal, two.signal], new VirtualClock(), 1_000);
    const reason = new Error('enough');
    two.abort(reason);
    one.abort(new Error('later'));
    expect(limit.signal.reason).toBe(reason);
    limit.end();
  });

  it('is aborted from the start when a source was', () => {
    const limit = limitSignal([AbortSignal.abort('before')], new VirtualClock(), 1_000);
    expect(limit.signal.reason).toBe('before');
    limit.end();
  });

  it('aborts when its time is up', async () => {
    const clock = new VirtualClock();
    const limit = limitSignal([], clock, 1_000);
    await clock.advance(999);
    expect(limit.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(limit.signal.reason).toEqual(new Error('no outcome within 1000 ms'));
  });

  it('leaves neither listeners nor timers behind', () => {
    const clock = new VirtualClock();
    const source = new AbortController();
    for (let index = 0; index < 100; index++) limitSignal([source.signal], clock, 1_000).end();
    expect(getEventListeners(source.signal, 'abort')).toHaveLength(0);
    expect(clock.timers).toBe(0);
  });

  it('does not follow its sources after its end', () => {
    const source = new AbortController();
    const limit = limitSignal([source.signal], new VirtualClock(), 1_000);
    limit.end();
    source.abort();
    expect(limit.signal.aborted).toBe(false);
  });
});

describe('abortController', () => {
  it('lets as many follow as there are lanes without a warning', async () => {
    const { signal } = abortController();
    for (let index = 0; index < 64; index++) signal.addEventListener('abort', () => {});
    await promisesSettled();
    expect(warnings).toEqual([]);
  });
});
