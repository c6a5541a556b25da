import { beforeEach, describe, expect, it } from 'vitest';
import type { Task } from '../../src/relay/breaker-board.ts';
import { ACCEPTED, type Transport } from '../../src/transport.ts';
import { boardOf, error, failed, none, record, rejected, shown, unknown } from '../support/board.ts';
import { ScriptedTransport } from '../support/scripted-transport.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

let clock: VirtualClock;
beforeEach(() => {
  clock = new VirtualClock();
});

describe('the breaker of a transport', () => {
  it('opens when the broker is out of reach and keeps all its topics back (R4.1)', () => {
    const rig = boardOf(clock, {
      a: new ScriptedTransport(clock),
      b: new ScriptedTransport(clock),
    });
    const { board, transports } = rig;
    board.unavailable(transports[0] as Transport, error);
    board.unavailable(transports[0] as Transport, error);
    expect(rig.happened()).toEqual(['scripted/* open 500']);
    expect(board.claimable()?.names).toEqual(['b']);
    board.unavailable(transports[1] as Transport, error);
    expect([board.claimable(), board.next(none)]).toEqual([null, null]);
  });

  it('asks for the connection first, when it can be asked, and stays open while there is none (R4.4)', async () => {
    const transport = new ScriptedTransport(clock, { connectivity: true });
    const rig = boardOf(clock, { '*': transport });
    const { board, transports } = rig;
    transport.reachable = false;
    board.unavailable(transports[0] as Transport, error);
    await clock.until(() => rig.events.length === 3);
    expect(rig.happened()).toEqual(['scripted/* open 500', 'scripted/* open 1000', 'scripted/* open 2000']);
    expect([transport.script.calls('check'), transport.calls.length, rig.wakes.count]).toEqual([2, 0, 0]);
    transport.reachable = true;
    await clock.until(() => rig.wakes.count === 1);
    expect(shown(board.next(none))).toMatchObject({ trial: { topic: null } });
  });

  it('is found again by a check after one that never answered', async () => {
    const transport = new ScriptedTransport(clock, { connectivity: true });
    const rig = boardOf(clock, { '*': transport });
    const { board, transports } = rig;
    transport.script.next('check', { hang: 'before' });
    board.unavailable(transports[0] as Transport, error);
    await clock.until(() => rig.wakes.count === 1, 60_000);
    expect(transport.script.calls('check')).toBe(2);
  });

  it('is tried with one message alone, whatever its topic, but none of an open topic', async () => {
    const { board, transports } = boardOf(clock, { '*': new ScriptedTransport(clock) });
    board.unavailable(transports[0] as Transport, error);
    await clock.advance(400);
    record(board, 'bad', failed, failed, failed);
    await clock.advance(100);
    const task = board.next(none) as Task;
    expect(task.trial?.scope.topic).toBeNull();
    expect(['good', 'bad'].map((topic) => task.topics.matches(topic))).toEqual([true, false]);
    expect(board.next(none)).toBeNull();
  });

  it.each([failed, rejected])(
    'closes when the broker answers, be it with a refusal: $status',
    async (result) => {
      const { board, transports } = boardOf(clock, { a: new ScriptedTransport(clock) });
      board.unavailable(transports[0] as Transport, error);
      await clock.advance(500);
      board.next(none);
      record(board, 'a', result);
      expect(board.troubled).toBe(false);
    },
  );

  it('opens again when the message is answered with silence', async () => {
    const rig = boardOf(clock, { a: new ScriptedTransport(clock) });
    const { board, transports } = rig;
    board.unavailable(transports[0] as Transport, error);
    await clock.advance(500);
    board.next(none);
    record(board, 'a', unknown);
    expect(rig.happened()).toEqual(['scripted/* open 500', 'scripted/* open 1000']);
  });

  it('keeps its topics from being tried while it is cut off: that would charge them for it', async () => {
    const { board, transports } = boardOf(clock, {
      a: new ScriptedTransport(clock),
      b: new ScriptedTransport(clock),
    });
    record(board, 'a', failed, failed, failed);
    await clock.advance(400);
    board.unavailable(transports[0] as Transport, error);
    await clock.advance(100);
    expect(shown(board.next(none))).toEqual({ names: ['b'], trial: null });
    expect(board.claimable()?.names).toEqual(['b']);
  });

  it('is tried with a topic that is half-open itself when there is no other, so that both can close', async () => {
    const { board, transports } = boardOf(clock, { a: new ScriptedTransport(clock) });
    record(board, 'a', failed, failed, failed);
    board.unavailable(transports[0] as Transport, error);
    await clock.advance(500);
    expect(shown(board.next(none))).toEqual({ names: ['a'], trial: { transport: 'scripted', topic: null } });
    record(board, 'a', ACCEPTED);
    expect(board.troubled).toBe(false);
  });

  it('waits with its trial while all its topics are open', async () => {
    const { board, transports } = boardOf(clock, { a: new ScriptedTransport(clock) });
    record(board, 'a', failed, failed, failed);
    await clock.advance(500);
    record(board, 'a', failed);
    board.unavailable(transports[0] as Transport, error);
    await clock.advance(500);
    expect([board.claimable(), board.next(none)]).toEqual([null, null]);
    await clock.advance(500);
    expect(shown(board.next(none))).toMatchObject({ names: ['a'], trial: { topic: null } });
  });

  it('leaves other transports alone', async () => {
    const { board, transports } = boardOf(clock, {
      a: new ScriptedTransport(clock),
      b: new ScriptedTransport(clock),
    });
    board.unavailable(transports[0] as Transport, error);
    record(board, 'b', ACCEPTED);
    expect(board.claimable()?.names).toEqual(['b']);
  });
});

describe('the end of a board', () => {
  it('leaves no timer', async () => {
    const transport = new ScriptedTransport(clock, { connectivity: true });
    const { board, transports } = boardOf(clock, { '*': transport });
    transport.script.always('check', { hang: 'before' });
    board.unavailable(transports[0] as Transport, error);
    record(board, 'a', failed, failed, failed);
    await clock.advance(600);
    board.close();
    await clock.advance(2_000);
    expect(clock.timers).toBe(0);
  });
});
