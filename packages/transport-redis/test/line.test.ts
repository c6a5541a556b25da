import { OutboxError, type PublishResult, WITHHELD } from '@outrelay/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Entry, toEntry } from '../src/entry.ts';
import { Line } from '../src/line.ts';
import { message } from './support/messages.ts';
import { statuses } from './support/transport.ts';

const LIMITS = { chunkMessages: 3, chunkBytes: 10_000 };
const ERROR = new OutboxError('TRANSPORT_FAILED', 'not today');
const KEYS = ['a', 'b', 'a', null, 'b', 'a', null];

let results: PublishResult[];
let line: Line;

beforeEach(() => {
  results = KEYS.map(() => WITHHELD);
  line = new Line('orders', results);
  for (const [at, key] of KEYS.entries()) line.add(toEntry(message({ key }), at));
});

function positions(chunk: readonly Entry[]): readonly number[] {
  return chunk.map(({ at }) => at);
}

describe('a line', () => {
  it('gives its entries in chunks, in order', () => {
    expect(positions(line.take(LIMITS))).toEqual([0, 1, 2]);
    expect(positions(line.take(LIMITS))).toEqual([3, 4, 5]);
    expect(line.hasMore).toBe(true);
    expect(positions(line.take(LIMITS))).toEqual([6]);
    expect(line.hasMore).toBe(false);
    expect(line.take(LIMITS)).toEqual([]);
  });

  it('begins a new chunk when the bytes are too many, but sends a large entry alone', () => {
    const large = new Line('orders', results);
    for (const [at, size] of [100, 100, 20_000, 100].entries()) {
      large.add(toEntry(message({ payload: 'x'.repeat(size) }), at));
    }
    const chunks = [large.take(LIMITS), large.take(LIMITS), large.take(LIMITS)];
    expect(chunks.map(positions)).toEqual([[0, 1], [2], [3]]);
  });

  it('accepts, and goes on', () => {
    line.accept(line.take(LIMITS));
    expect(statuses(results).slice(0, 4)).toEqual(['accepted', 'accepted', 'accepted', 'withheld']);
  });

  it('takes what stands behind a rejected entry again, without its lane', () => {
    const chunk = line.take(LIMITS);
    line.reject(chunk[0] as Entry, ERROR);
    expect(positions(line.take(LIMITS))).toEqual([1, 3, 4]);
    expect(positions(line.take(LIMITS))).toEqual([6]);
    expect(statuses(results)[0]).toBe('rejected');
    expect(statuses(results)[2]).toBe('withheld');
  });

  it('fails the first entry of each lane of a chunk, and ends', () => {
    line.fail(line.take({ ...LIMITS, chunkMessages: 5 }), ERROR);
    expect(statuses(results)).toEqual([
      'failed',
      'failed',
      'withheld',
      'failed',
      'withheld',
      'withheld',
      'withheld',
    ]);
    expect(line.hasMore).toBe(false);
  });

  it('doubts a whole chunk, and ends', () => {
    line.doubt(line.take(LIMITS), ERROR);
    expect(statuses(results)).toEqual([
      'unknown',
      'unknown',
      'unknown',
      ...KEYS.slice(3).map(() => 'withheld'),
    ]);
    expect(line.hasMore).toBe(false);
  });

  it('takes the same chunk again after a detour, but not for ever', () => {
    for (let detour = 0; detour < 5; detour++) {
      expect(line.detour(line.take(LIMITS), null)).toBe(true);
    }
    const chunk = line.take(LIMITS);
    expect(positions(chunk)).toEqual([0, 1, 2]);
    expect(line.detour(chunk, null)).toBe(false);
  });

  it('fails what is left when no server has its stream', () => {
    line.accept(line.take(LIMITS));
    line.unserved(ERROR);
    expect(statuses(results)).toEqual([
      'accepted',
      'accepted',
      'accepted',
      'failed',
      'failed',
      'failed',
      'failed',
    ]);
  });
});
