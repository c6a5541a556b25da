import { describe, expect, it } from 'vitest';
import { runWakeups } from '../../src/relay/wakeups.ts';
import { type ContextRig, contextRig } from '../support/context.ts';

const withWakeups = (wakeups = true): ContextRig =>
  contextRig({ store: { facets: ['wakeups'] }, relay: { wakeups } });

describe('runWakeups', () => {
  it('listens while the relay runs', async () => {
    const { clock, store, context } = withWakeups();
    const running = runWakeups(context);
    await clock.until(() => store.listeners.size === 1);
    const mark = context.control.pacing.mark();
    store.wake();
    await clock.outcome(context.control.pacing.wait(mark, Number.POSITIVE_INFINITY));
    context.control.change('stopping');
    await clock.outcome(running);
    expect([store.listeners.size, clock.timers]).toEqual([0, 0]);
  });

  it('tells when hints fail and when they flow again, and looks for what was missed', async () => {
    const { clock, store, context, events } = withWakeups();
    void runWakeups(context);
    await clock.until(() => store.listeners.size === 1);
    const error = new Error('connection lost');
    for (const listener of store.listeners) {
      listener.lost(error);
      const mark = context.control.pacing.mark();
      listener.restored();
      expect(context.control.pacing.mark()).not.toBe(mark);
    }
    expect(events).toEqual([{ type: 'wakeups-lost', error }, { type: 'wakeups-restored' }]);
  });

  it('tries again when it cannot listen', async () => {
    const { clock, store, context, events } = withWakeups();
    store.script.next('listen', { fail: new Error('down') }, { fail: new Error('down') });
    void runWakeups(context);
    await clock.until(() => store.listeners.size === 1);
    expect(clock.monotonicMs()).toBe(10_003);
    expect(events).toMatchObject([
      { type: 'store-failed', during: 'wakeups', delayMs: 5_000 },
      { type: 'store-failed', during: 'wakeups' },
    ]);
  });

  it('ends at once when the relay stops while it waits to try again', async () => {
    const { clock, store, context } = withWakeups();
    store.script.always('listen', { fail: new Error('down') });
    const running = runWakeups(context);
    await clock.advance(100);
    context.control.change('stopping');
    await clock.outcome(running);
    expect([clock.monotonicMs(), clock.timers]).toEqual([100, 0]);
  });

  it('ends at once when the relay stops while it connects, and ends what comes late', async () => {
    const { clock, store, context } = withWakeups();
    store.script.next('listen', { takesMs: 30_000 });
    const running = runWakeups(context);
    await clock.advance(100);
    context.control.change('stopping');
    await clock.outcome(running);
    expect(clock.monotonicMs()).toBe(100);
    await clock.until(() => store.script.calls('unlisten') === 1);
    await clock.advance(10);
    expect(store.listeners.size).toBe(0);
  });

  it('says nothing of a connection that fails after the relay has stopped', async () => {
    const { clock, store, context, events } = withWakeups();
    store.script.next('listen', { takesMs: 30_000, fail: new Error('down') });
    const running = runWakeups(context);
    await clock.advance(100);
    context.control.change('stopping');
    await clock.outcome(running);
    await clock.advance(60_000);
    expect(events).toEqual([]);
  });

  it.each([
    ['fails', { fail: new Error('down') }, 101],
    ['never answers', { hang: 'before' as const }, 5_100],
  ])('reports an end that %s', async (_, step, endedAtMs) => {
    const { clock, store, context, events } = withWakeups();
    store.script.always('unlisten', step);
    const running = runWakeups(context);
    await clock.advance(100);
    context.control.change('stopping');
    await clock.outcome(running);
    expect(clock.monotonicMs()).toBe(endedAtMs);
    expect(events).toMatchObject([{ type: 'store-failed', during: 'wakeups', delayMs: 0 }]);
  });

  it('does not listen when told not to, or when the store has no hints', async () => {
    const off = withWakeups(false);
    await off.clock.outcome(runWakeups(off.context));
    expect(off.store.script.calls('listen')).toBe(0);
    const bare = contextRig();
    await bare.clock.outcome(runWakeups(bare.context));
    expect(bare.clock.timers).toBe(0);
  });
});
