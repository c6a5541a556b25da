import type { OutboxStatus } from '@outrelay/core';
import { describe, expect, it } from 'vitest';
import { exceededLimits } from '../../src/status/limits.ts';
import { statusLines } from '../../src/status/status-lines.ts';
import { PLAIN } from '../../src/terminal/style.ts';

const STATUS: OutboxStatus = {
  topics: [
    { topic: 'order.placed', pending: some(1_204), waiting: some(3), dead: some(2), lagMs: 61_000 },
    { topic: 'order.shipped', pending: some(0), waiting: some(0), dead: some(1), lagMs: null },
  ],
  holders: [{ relay: 'host:1', share: 0.25, expiresInMs: 9_120 }],
};

function some(value: number): { value: number; exact: boolean } {
  return { value, exact: true };
}

describe('exceededLimits', () => {
  it('has nothing to say without limits, or when they hold', () => {
    expect(exceededLimits(STATUS, { maxLagMs: undefined, maxDead: undefined })).toEqual([]);
    expect(exceededLimits(STATUS, { maxLagMs: 61_000, maxDead: 3 })).toEqual([]);
  });

  it('names what does not hold', () => {
    expect(exceededLimits(STATUS, { maxLagMs: 60_999, maxDead: 2 })).toEqual([
      'The lag of order.placed is 1 min 1 s; at most 1 min is allowed.',
      'There are 3 dead letters; at most 2 are allowed.',
    ]);
  });
});

describe('statusLines', () => {
  it('shows topics and holders', () => {
    expect(statusLines(STATUS, PLAIN)).toEqual([
      'topic          pending  waiting  dead        lag',
      'order.placed     1,204        3     2  1 min 1 s',
      'order.shipped        0        0     1          –',
      '',
      'relay   holds  lease ends in',
      'host:1    25%          9.1 s',
    ]);
  });

  it('shows an empty outbox', () => {
    expect(statusLines({ topics: [], holders: [] }, PLAIN)).toEqual([
      'Nothing is pending, waiting or dead.',
      '',
      'No relay holds a lease.',
    ]);
  });
});
