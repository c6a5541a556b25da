import { OutboxError, type RelayEvent } from '@outrelay/core';
import { describe, expect, it } from 'vitest';
import { StoreWatch } from '../../src/run/store-watch.ts';

function failed(code: 'STORE_UNAVAILABLE' | 'STORE_SCHEMA_MISSING'): RelayEvent {
  return { type: 'store-failed', during: 'claim', error: new OutboxError(code, code), delayMs: 1 };
}

describe('StoreWatch', () => {
  it('gives up at once when trying again does not help', () => {
    let calls = 0;
    const watch = new StoreWatch(() => calls++);
    watch.event(failed('STORE_SCHEMA_MISSING'), 0);
    watch.event(failed('STORE_SCHEMA_MISSING'), 0);
    expect(calls).toBe(1);
    expect(watch.failure?.error).toMatchObject({ code: 'STORE_SCHEMA_MISSING' });
  });

  it('is patient with what may pass for three seconds, and for as long again after a success', () => {
    let calls = 0;
    const watch = new StoreWatch(() => calls++);
    watch.event(failed('STORE_UNAVAILABLE'), 1_000);
    watch.event(failed('STORE_UNAVAILABLE'), 3_900);
    watch.event({ type: 'lease-granted', lane: 0 }, 3_950);
    watch.event(failed('STORE_UNAVAILABLE'), 5_000);
    watch.event(failed('STORE_UNAVAILABLE'), 7_900);
    expect([calls, watch.failure]).toEqual([0, null]);
    watch.event(failed('STORE_UNAVAILABLE'), 8_000);
    expect(calls).toBe(1);
  });

  it('is as patient with many lanes, which all fail at once', () => {
    let calls = 0;
    const watch = new StoreWatch(() => calls++);
    for (let lane = 0; lane < 64; lane++) watch.event(failed('STORE_UNAVAILABLE'), 10);
    expect([calls, watch.failure]).toEqual([0, null]);
  });
});
