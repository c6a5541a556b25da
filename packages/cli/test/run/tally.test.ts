import { OutboxError } from '@outrelay/core';
import { describe, expect, it } from 'vitest';
import { Tally } from '../../src/run/tally.ts';
import { batchSettled } from '../support/events.ts';

describe('Tally', () => {
  it('adds up batches', () => {
    const tally = new Tally(0);
    tally.add(batchSettled({ accepted: 3, duplicates: 1, retried: 2 }), 10);
    tally.add(batchSettled({ accepted: 2, dead: 1 }), 20);
    expect(tally).toMatchObject({ published: 5, duplicates: 1, retried: 2, dead: 1, lastWorkMs: 20 });
  });

  it('rates what was published in the last five seconds', () => {
    const tally = new Tally(0);
    tally.add(batchSettled({ accepted: 100 }), 1_000);
    tally.add(batchSettled({ accepted: 100 }), 2_000);
    expect(tally.rate(2_000)).toBe(100);
    expect(tally.rate(4_999)).toBeCloseTo(40, 1);
    expect(tally.rate(6_400)).toBe(20);
    expect(tally.rate(60_000)).toBe(0);
  });

  it('does not exaggerate in the first moment', () => {
    const tally = new Tally(0);
    tally.add(batchSettled({ accepted: 50 }), 1);
    expect(tally.rate(1)).toBe(100);
  });

  it('knows which breakers are open', () => {
    const tally = new Tally(0);
    const scope = { transport: 'http', topic: 'order.placed' };
    tally.add({ type: 'breaker-opened', scope, openMs: 500, error: 'HTTP 503' }, 100);
    expect([...tally.breakers.values()]).toEqual([{ scope, untilMs: 600 }]);
    tally.add({ type: 'breaker-closed', scope }, 700);
    expect(tally.breakers.size).toBe(0);
  });

  it('counts failures of the store until it answers', () => {
    const tally = new Tally(0);
    const error = new OutboxError('STORE_UNAVAILABLE', 'no connection');
    const failed = { type: 'store-failed', during: 'claim', error, delayMs: 100 } as const;
    tally.add(failed, 1);
    tally.add(failed, 2);
    expect(tally.trouble).toMatchObject({ during: 'claim', text: 'no connection', times: 2 });
    tally.add({ type: 'lease-granted', lane: 0 }, 3);
    expect(tally.trouble).toBeNull();
    tally.add(failed, 4);
    tally.storeAnswered();
    expect(tally.trouble).toBeNull();
  });
});
