import { describe, expect, it } from 'vitest';
import { BlockedKeys } from '../../src/relay/blocked-keys.ts';
import { message } from '../support/messages.ts';

const a = message({ topic: 't', key: 'a' });

describe('BlockedKeys', () => {
  it('stops what comes after a message of the key, not what comes before', () => {
    const blocked = new BlockedKeys();
    expect(blocked.has(a, 5)).toBe(false);
    blocked.block(a, 3);
    expect([2, 3, 4].map((index) => blocked.has(a, index))).toEqual([false, false, true]);
  });

  it('keeps the earliest stop of a key', () => {
    const blocked = new BlockedKeys();
    for (const index of [7, 3, 5]) blocked.block(a, index);
    expect(blocked.has(a, 4)).toBe(true);
    expect(blocked.has(a, 3)).toBe(false);
  });

  it('tells topics and keys apart', () => {
    const blocked = new BlockedKeys();
    blocked.block(a, 0);
    expect(blocked.has(message({ topic: 'u', key: 'a' }), 1)).toBe(false);
    expect(blocked.has(message({ topic: 't', key: 'b' }), 1)).toBe(false);
    blocked.block(message({ topic: 'x', key: '' }), 0);
    expect(blocked.has(message({ topic: 'x', key: '' }), 1)).toBe(true);
  });

  it('never stops messages without key', () => {
    const blocked = new BlockedKeys();
    blocked.block(message({ topic: 't', key: null }), 0);
    blocked.block(message({ topic: 't', key: 'null' }), 0);
    expect(blocked.has(message({ topic: 't', key: null }), 1)).toBe(false);
  });
});
