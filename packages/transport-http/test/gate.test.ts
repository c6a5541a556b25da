import { describe, expect, it } from 'vitest';
import { Cancellation } from '../src/cancellation.ts';
import { Gate } from '../src/gate.ts';
import { quiet } from './support/message.ts';

describe('Gate', () => {
  it('lets as many through as it has places, the others in the order in which they came', async () => {
    const gate = new Gate(2);
    const cancellation = new Cancellation(quiet());
    const entered: number[] = [];
    const all = [0, 1, 2, 3].map(async (index) => {
      expect(await gate.enter(cancellation)).toBe(true);
      entered.push(index);
    });
    await Promise.all(all.slice(0, 2));
    expect(entered).toEqual([0, 1]);
    gate.leave();
    await all[2];
    expect(entered).toEqual([0, 1, 2]);
    gate.leave();
    await all[3];
    expect(entered).toEqual([0, 1, 2, 3]);
  });

  it('lets those who wait go without a place when their call is aborted, and nobody else', async () => {
    const gate = new Gate(1);
    const control = new AbortController();
    const cancelled = new Cancellation(control.signal);
    const other = new Cancellation(quiet());
    expect(await gate.enter(other)).toBe(true);
    const waiting = [gate.enter(cancelled), gate.enter(other), gate.enter(cancelled)];
    control.abort();
    expect(await waiting[0]).toBe(false);
    expect(await waiting[2]).toBe(false);
    expect(await gate.enter(cancelled)).toBe(false);
    gate.leave();
    expect(await waiting[1]).toBe(true);
    gate.leave();
    expect(await gate.enter(other)).toBe(true);
  });
});

describe('Cancellation', () => {
  it('puts one listener on the signal, whatever the number of callbacks, and takes it off', () => {
    const control = new AbortController();
    const cancellation = new Cancellation(control.signal);
    const called: string[] = [];
    cancellation.onCancel(() => called.push('kept'));
    cancellation.onCancel(() => called.push('forgotten'))();
    control.abort();
    expect(called).toEqual(['kept']);
    expect(cancellation.cancelled).toBe(true);

    const second = new AbortController();
    const ended = new Cancellation(second.signal);
    ended.onCancel(() => called.push('ended'));
    ended.end();
    second.abort();
    expect(called).toEqual(['kept']);
  });
});
