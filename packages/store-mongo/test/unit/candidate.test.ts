import { ALL_TOPICS } from '@outrelay/core';
import { describe, expect, it } from 'vitest';
import { type Candidate, candidateOf, hotChain, pick, withinBytes } from '../../src/candidate.ts';
import { chainOf, lockOf, PARTITIONS, partitionOf } from '../../src/partition.ts';
import { orderOf } from '../../src/position.ts';

const at = (position: number, fields: object = {}, delayed = false): Candidate =>
  candidateOf({ position, seq: 0, topic: 't', message_key: null, payload: 'xxxx', ...fields }, delayed);
const positions = (candidates: readonly Candidate[]): readonly unknown[] =>
  candidates.map(({ row }) => row['position']);
const limits = { messages: 10, bytes: 1_000, topics: ALL_TOPICS };

describe('orderOf', () => {
  it('sorts by position, then by the index in the append', () => {
    const rows = [
      { position: 2, seq: 0 },
      { position: 1, seq: 1 },
      { position: 1, seq: 0 },
      { position: 2 ** 52, seq: 0 },
    ];
    const sorted = rows.toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
    expect(sorted).toEqual([rows[2], rows[1], rows[0], rows[3]]);
  });
});

describe('pick', () => {
  it('merges by position, and gives delayed ones no more than their quota', () => {
    const fresh = [at(2), at(4)];
    const delayed = [at(1, {}, true), at(3, {}, true), at(5, {}, true)];
    expect(positions(pick({ fresh, delayed, horizon: null }, 3, limits))).toEqual([1, 2, 3, 4, 5]);
    expect(positions(pick({ fresh, delayed, horizon: null }, 1, limits))).toEqual([1, 2, 4]);
  });

  it('lets no delayed one pass what was not looked at', () => {
    const picked = pick(
      { fresh: [], delayed: [at(1, {}, true), at(9, {}, true)], horizon: orderOf({ position: 5, seq: 0 }) },
      5,
      limits,
    );
    expect(positions(picked)).toEqual([1]);
  });

  it('takes one at least, and else no more bytes than asked for', () => {
    const fresh = [at(1, { payload: 'x'.repeat(50) }), at(2)];
    expect(positions(pick({ fresh, delayed: [], horizon: null }, 0, { ...limits, bytes: 10 }))).toEqual([1]);
    expect(positions(withinBytes([at(1), at(2), at(3)], 8))).toEqual([1, 2]);
  });
});

describe('hotChain', () => {
  it('finds the key of more than half, and none of exactly half', () => {
    const hot = at(1, { message_key: 'h' });
    expect(hotChain([hot, hot, at(2)])).toBe(chainOf('t', 'h'));
    expect(hotChain([hot, at(2), hot, at(3)])).toBeNull();
  });
});

describe('partitionOf', () => {
  it('is a part of the schema: these values never change', () => {
    expect(partitionOf('orders', 'k', 'x')).toBe(9);
    expect(partitionOf('orders', null, 'x')).toBe(7);
    expect(partitionOf('größe', '🦊', '')).toBe(10);
    expect(lockOf('orders', 'k')).toBe(777);
    expect(partitionOf('a', 'bc', '')).not.toBe(partitionOf('ab', 'c', ''));
  });

  it('spreads keys over all partitions', () => {
    const hit = new Set(Array.from({ length: 2_000 }, (_, key) => partitionOf('orders', `k${key}`, '')));
    expect(hit.size).toBe(PARTITIONS);
  });
});
