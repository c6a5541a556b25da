import { describe, expect, it } from 'vitest';
import { OutboxError } from '../../src/errors.ts';
import type { DrainGoal } from '../../src/relay/control.ts';
import { LanePace } from '../../src/relay/lane-pace.ts';
import { contextRig } from '../support/context.ts';

const broken = new OutboxError('STORE_SCHEMA_MISSING', 'no tables');
const down = new OutboxError('STORE_UNAVAILABLE', 'down');

describe('LanePace', () => {
  it('waits longer after each failure, up to ten seconds, and begins anew after a success', () => {
    const pace = new LanePace(contextRig().context, 0);
    const waits = Array.from({ length: 9 }, () => pace.failed(down));
    expect(waits).toEqual([90, 180, 360, 720, 1_440, 2_880, 5_760, 9_000, 9_000]);
    expect(pace.restMs).toBe(9_000);
    pace.succeeded();
    expect(pace.failed(down)).toBe(90);
    pace.failed(down);
    pace.answered();
    expect(pace.failed(down)).toBe(90);
  });

  it('tells what failed and when it goes on', () => {
    const { context, events } = contextRig();
    const pace = new LanePace(context, 2);
    pace.storeFailed('read', down);
    pace.laneFailed(broken);
    expect(events).toEqual([
      { type: 'store-failed', during: 'read', error: down, delayMs: 90 },
      { type: 'lane-failed', lane: 2, error: broken, delayMs: 180 },
    ]);
  });

  it('gives up a drain after three failures in a row that waiting does not cure', () => {
    const { context } = contextRig();
    const goal: DrainGoal = { remaining: 5, failure: null };
    context.control.goal = goal;
    const pace = new LanePace(context, 0);
    for (const error of [broken, broken, down, broken, broken]) pace.failed(error);
    pace.succeeded();
    for (const error of [broken, broken]) pace.failed(error);
    pace.answered();
    expect(goal.failure).toBeNull();
    pace.failed(broken);
    pace.failed(new OutboxError('STORE_FAILED', 'another'));
    expect(goal.failure).toEqual({ error: broken });
  });

  it('gives up a drain at once when outcomes cannot be recorded', () => {
    const { context } = contextRig();
    const goal: DrainGoal = { remaining: 5, failure: null };
    context.control.goal = goal;
    const pace = new LanePace(context, 0);
    pace.refused(broken);
    expect([goal.failure, pace.restMs]).toEqual([{ error: broken }, 90]);
  });

  it('never gives up a relay that was started', () => {
    const { context } = contextRig();
    const pace = new LanePace(context, 0);
    for (let index = 0; index < 10; index++) pace.refused(broken);
    expect(context.control.goal).toBeNull();
  });

  it('lets others run when it has gone on for ten milliseconds', async () => {
    const { clock, context } = contextRig();
    const pace = new LanePace(context, 0);
    await pace.letOthersRun();
    expect(clock.timers).toBe(0);
    await clock.advance(10);
    const yielding = pace.letOthersRun();
    expect(clock.timers).toBe(1);
    await clock.outcome(yielding);
    await pace.letOthersRun();
    expect(clock.timers).toBe(0);
  });
});
