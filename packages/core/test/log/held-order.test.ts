import { describe, expect, it } from 'vitest';
import { HeldOrder } from '../../src/log/held-order.ts';
import { ALL_TOPICS, namedTopics } from '../../src/topics.ts';

const A = { topic: 'a', key: 'k' };
const OTHER = { topic: 'a', key: 'other' };
const ONLY_B = namedTopics(['b']);

describe('HeldOrder', () => {
  it('keeps what follows a blocked message of its key back, until the tables were read', () => {
    const held = new HeldOrder();
    expect(held.keepsBack(A, false, ALL_TOPICS)).toBe(false);
    expect(held.keepsBack(A, true, ALL_TOPICS)).toBe(true);
    expect(held.keepsBack(A, false, ALL_TOPICS)).toBe(true);
    expect(held.keepsBack(OTHER, false, ALL_TOPICS)).toBe(false);
    held.swept(ALL_TOPICS);
    expect(held.keepsBack(A, false, ALL_TOPICS)).toBe(false);
  });

  it('keeps a whole topic back that was not asked for, until a read asked for it', () => {
    const held = new HeldOrder();
    expect(held.keepsBack(A, false, ONLY_B)).toBe(true);
    expect(held.keepsBack(OTHER, false, ALL_TOPICS)).toBe(true);
    held.swept(ONLY_B);
    expect(held.keepsBack(OTHER, false, ALL_TOPICS)).toBe(true);
    held.swept(ALL_TOPICS);
    expect(held.keepsBack(OTHER, false, ALL_TOPICS)).toBe(false);
  });

  it('holds nothing for a message without key', () => {
    const held = new HeldOrder();
    expect(held.keepsBack({ topic: 'a', key: null }, true, ALL_TOPICS)).toBe(true);
    expect(held.keepsBack({ topic: 'a', key: null }, false, ALL_TOPICS)).toBe(false);
  });
});
