import { describe, expect, it } from 'vitest';
import { runJanitor } from '../../src/relay/janitor.ts';
import { type ContextRig, contextRig } from '../support/context.ts';

const withRows = (purgeIntervalMs = 60_000): ContextRig =>
  contextRig({ store: { facets: ['maintenance'] }, relay: { purgeIntervalMs } });

describe('runJanitor', () => {
  it('purges in bounded parts until there is no more, once per interval', async () => {
    const { clock, store, context, events } = withRows();
    store.purgeable = 2_500;
    const running = runJanitor(context);
    await clock.advance(59_000);
    expect(store.script.calls('purge')).toBe(0);
    await clock.advance(2_000);
    expect([store.script.calls('purge'), store.purgeable]).toEqual([3, 0]);
    expect(events).toEqual([{ type: 'purged', removed: 2_500 }]);
    await clock.advance(60_000);
    expect(store.script.calls('purge')).toBe(4);
    expect(events).toHaveLength(1);
    context.control.change('stopping');
    await clock.outcome(running);
    expect(clock.timers).toBe(0);
  });

  it('reports a failure, tells what was removed before, and tries again in the next interval', async () => {
    const { clock, store, context, events } = withRows();
    store.purgeable = 2_500;
    const error = new Error('deadlock');
    store.script.next('purge', {}, { fail: error });
    void runJanitor(context);
    await clock.advance(61_000);
    expect(events).toMatchObject([
      { type: 'store-failed', during: 'purge', error: { cause: error }, delayMs: 60_000 },
      { type: 'purged', removed: 1_000 },
    ]);
    await clock.advance(60_000);
    expect(store.purgeable).toBe(0);
  });

  it('ends between two parts when the relay stops', async () => {
    const { clock, store, context } = withRows();
    store.purgeable = 1_000_000;
    const running = runJanitor(context);
    await clock.until(() => store.script.calls('purge') === 3);
    context.control.change('stopping');
    await clock.outcome(running);
    expect(store.script.calls('purge')).toBe(3);
  });

  it('has nothing to do without an interval or without anything to purge', async () => {
    const off = withRows(0);
    await off.clock.outcome(runJanitor(off.context));
    const bare = contextRig();
    await bare.clock.outcome(runJanitor(bare.context));
    expect([off.clock.timers, bare.clock.timers]).toEqual([0, 0]);
  });
});
