import { beforeEach, describe, expect, it } from 'vitest';
import type { Task } from '../../src/relay/breaker-board.ts';
import { ACCEPTED, WITHHELD } from '../../src/transport.ts';
import { boardOf, failed, none, record, rejected, shown, unknown } from '../support/board.ts';
import { ScriptedTransport } from '../support/scripted-transport.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

let clock: VirtualClock;
beforeEach(() => {
  clock = new VirtualClock();
});

describe('the breaker of a topic', () => {
  it('opens after failures in a row and keeps the topic back; others flow (R4.2)', () => {
    const rig = boardOf(clock, { a: new ScriptedTransport(clock), b: new ScriptedTransport(clock) });
    const { board } = rig;
    record(board, 'a', failed, failed);
    expect(board.troubled).toBe(false);
    record(board, 'a', failed);
    expect([rig.happened(), board.troubled]).toEqual([['scripted/a open 500'], true]);
    expect(board.claimable()?.names).toEqual(['b']);
    expect(shown(board.next(none))).toEqual({ names: ['b'], trial: null });
  });

  it('counts anew after a message was accepted, and not what was withheld', () => {
    const { board } = boardOf(clock, { a: new ScriptedTransport(clock) });
    record(board, 'a', failed, failed, ACCEPTED, failed, failed, WITHHELD, WITHHELD);
    expect(board.troubled).toBe(false);
    record(board, 'a', unknown);
    expect(board.troubled).toBe(true);
  });

  it('opens after many rejections in a row: a backlog must not become dead letters', () => {
    const { board } = boardOf(clock, { a: new ScriptedTransport(clock) });
    record(board, 'a', rejected, rejected, rejected, rejected);
    expect(board.troubled).toBe(false);
    record(board, 'a', rejected);
    expect(board.troubled).toBe(true);
  });

  it('opens once for a batch of failures', () => {
    const rig = boardOf(clock, { a: new ScriptedTransport(clock) });
    const { board } = rig;
    record(board, 'a', ...Array.from({ length: 50 }, () => failed));
    expect(rig.happened()).toEqual(['scripted/a open 500']);
  });

  it('lets one message be tried after its time, by one lane (R4.3)', async () => {
    const rig = boardOf(clock, { a: new ScriptedTransport(clock), b: new ScriptedTransport(clock) });
    const { board } = rig;
    record(board, 'a', failed, failed, failed);
    await clock.advance(500);
    expect(rig.wakes.count).toBe(1);
    expect(board.claimable()?.names).toEqual(['a', 'b']);
    const task = board.next(none);
    expect(shown(task)).toEqual({ names: ['a'], trial: { transport: 'scripted', topic: 'a' } });
    expect(shown(board.next(none))).toEqual({ names: ['b'], trial: null });
    expect(board.claimable()?.names).toEqual(['b']);
    board.leaveTrial(task as Task);
    expect(shown(board.next(none))).toMatchObject({ trial: { topic: 'a' } });
  });

  it('is not tried again by a lane that found nothing to try', async () => {
    const { board } = boardOf(clock, { a: new ScriptedTransport(clock), b: new ScriptedTransport(clock) });
    for (const topic of ['a', 'b']) record(board, topic, failed, failed, failed);
    await clock.advance(500);
    const first = board.next(none) as Task;
    board.leaveTrial(first);
    const vain = new Set(first.trial === null ? [] : [first.trial]);
    expect(shown(board.next(vain))).toMatchObject({ trial: { topic: 'b' } });
    expect(board.next(vain)).toBeNull();
  });

  it('closes when the message is accepted, and wakes the lanes', async () => {
    const rig = boardOf(clock, { a: new ScriptedTransport(clock) });
    const { board } = rig;
    record(board, 'a', failed, failed, failed);
    await clock.advance(500);
    board.next(none);
    record(board, 'a', ACCEPTED);
    expect([board.troubled, rig.wakes.count]).toEqual([false, 2]);
    expect(shown(board.next(none))).toEqual({ names: ['a'], trial: null });
    record(board, 'a', failed, failed);
    expect(board.troubled).toBe(false);
  });

  it.each([failed, unknown, rejected])('opens for longer when it is not: $status', async (result) => {
    const rig = boardOf(clock, { a: new ScriptedTransport(clock) });
    const { board } = rig;
    record(board, 'a', failed, failed, failed);
    for (const openMs of [1_000, 2_000, 2_000]) {
      await clock.advance(2_000);
      expect(board.next(none)).not.toBeNull();
      record(board, 'a', result);
      expect(rig.happened().at(-1)).toBe(`scripted/a open ${openMs}`);
      expect(board.next(none)).toBeNull();
    }
  });

  it('stays half-open when the trial was left without an outcome', async () => {
    const { board } = boardOf(clock, { a: new ScriptedTransport(clock) });
    record(board, 'a', failed, failed, failed);
    await clock.advance(500);
    const task = board.next(none) as Task;
    record(board, 'a', WITHHELD);
    expect(board.next(none)).toBeNull();
    board.leaveTrial(task);
    expect(shown(board.next(none))).toMatchObject({ trial: { topic: 'a' } });
  });

  it('does not let the end of an old trial end a newer one', async () => {
    const { board } = boardOf(clock, { a: new ScriptedTransport(clock) });
    record(board, 'a', failed, failed, failed);
    await clock.advance(500);
    const old = board.next(none) as Task;
    record(board, 'a', failed);
    await clock.advance(1_000);
    expect(shown(board.next(none))).toMatchObject({ trial: { topic: 'a' } });
    board.leaveTrial(old);
    expect(board.next(none)).toBeNull();
  });

  it('closes at once when a batch that was under way is accepted', async () => {
    const { board } = boardOf(clock, { a: new ScriptedTransport(clock) });
    record(board, 'a', failed, failed, failed);
    record(board, 'a', ACCEPTED);
    expect([board.troubled, clock.timers]).toEqual([false, 0]);
  });
});
