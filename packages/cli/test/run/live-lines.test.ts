import { OutboxError, type OutboxStatus } from '@outrelay/core';
import { describe, expect, it } from 'vitest';
import { type LiveState, liveLines } from '../../src/run/live-lines.ts';
import { Tally } from '../../src/run/tally.ts';
import { COLOURED, PLAIN } from '../../src/terminal/style.ts';
import { textWidth } from '../../src/terminal/text-width.ts';
import { batchSettled } from '../support/events.ts';

const STATUS: OutboxStatus = {
  topics: [
    { topic: 'a', pending: some(120), waiting: some(3), dead: some(1), lagMs: 800 },
    { topic: 'b', pending: { value: 10_000, exact: false }, waiting: some(1), dead: some(0), lagMs: 1_250 },
  ],
  holders: [],
};

function some(value: number): { value: number; exact: boolean } {
  return { value, exact: true };
}

function stateOf(tally: Tally, overrides: Partial<LiveState> = {}): LiveState {
  return {
    route: 'sqlite:shop.db → https://hooks.example',
    tally,
    status: null,
    stopping: null,
    ...overrides,
  };
}

describe('liveLines', () => {
  it('shows a relay at work', () => {
    const tally = new Tally(0);
    tally.add(batchSettled({ accepted: 1_000, retried: 3, dead: 1, duplicates: 2 }), 82_500);
    expect(liveLines(stateOf(tally, { status: STATUS }), 83_000, 80, PLAIN)).toEqual([
      '● relaying  sqlite:shop.db → https://hooks.example                    1 min 23 s',
      '  relayed   1,000 published   200/s   3 retried   1 dead letter   2 duplicates',
      '  outbox    10,120+ pending   4 waiting   1 dead letter   lag 1.2 s',
    ]);
  });

  it('shows an idle one', () => {
    expect(liveLines(stateOf(new Tally(0)), 5_000, 80, PLAIN)).toEqual([
      '○ idle  sqlite:shop.db → https://hooks.example                             5.0 s',
      '  relayed   0 published   0/s   0 retried   0 dead letters',
    ]);
  });

  it('shows what is held back and when it is tried again', () => {
    const tally = new Tally(0);
    for (const topic of ['a', 'b', 'c', 'd', 'e', null]) {
      const scope = { transport: 'http', topic };
      tally.add({ type: 'breaker-opened', scope, openMs: 4_000, error: 'HTTP 503' }, 1_000);
    }
    const lines = liveLines(stateOf(tally), 2_500, 80, PLAIN);
    expect(lines[0]).toMatch(/^● held back {2}/);
    expect(lines.slice(2)).toEqual([
      '  held back http, topic a, tries again in 2.5 s',
      '  held back http, topic b, tries again in 2.5 s',
      '  held back http, topic c, tries again in 2.5 s',
      '  held back http, topic d, tries again in 2.5 s',
      '            and 2 more',
    ]);
    expect(liveLines(stateOf(tally), 5_000, 80, PLAIN)[2]).toBe('  held back http, topic a, trying now');
  });

  it('shows a store that does not answer', () => {
    const tally = new Tally(0);
    const error = new OutboxError('STORE_UNAVAILABLE', 'connect ECONNREFUSED');
    tally.add({ type: 'store-failed', during: 'claim', error, delayMs: 100 }, 10);
    const lines = liveLines(stateOf(tally), 100, 80, PLAIN);
    expect(lines[0]).toMatch(/^● store unavailable {2}/);
    expect(lines.at(-1)).toBe('  store     claim failed: connect ECONNREFUSED');
  });

  it('shows that it stops and how to stop at once', () => {
    const lines = liveLines(stateOf(new Tally(0), { stopping: 'SIGINT' }), 100, 80, PLAIN);
    expect(lines[0]).toMatch(/^● stopping {2}/);
    expect(lines.at(-1)).toBe('  stopping  SIGINT; once more to end at once');
  });

  it('is never wider than the terminal, with mark-up or without', () => {
    const tally = new Tally(0);
    tally.add(batchSettled({ accepted: 12_345, dead: 12 }), 100);
    for (const columns of [10, 30, 60, 200]) {
      for (const style of [PLAIN, COLOURED]) {
        const lines = liveLines(stateOf(tally, { status: STATUS }), 100, columns, style);
        expect(lines.every((line) => textWidth(line) <= columns)).toBe(true);
      }
    }
  });
});
