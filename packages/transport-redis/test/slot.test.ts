import { expect, it } from 'vitest';
import { slotOf } from '../src/slot.ts';

// The examples of the Redis Cluster specification, and answers of CLUSTER KEYSLOT.
it.each([
  ['123456789', 12_739],
  ['foo', 12_182],
  ['', 0],
  ['{user1000}.following', 3443],
  ['{user1000}.followers', 3443],
  ['user1000', 3443],
  ['foo{}{bar}', 8363],
  ['foo{{bar}}zap', 4015],
  ['foo{bar}{zap}', 5061],
])('gives %j the slot %i', (key, slot) => {
  expect(slotOf(key)).toBe(slot);
});
