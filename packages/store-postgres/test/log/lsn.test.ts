import { describe, expect, it } from 'vitest';
import { lsnOf, lsnText } from '../../src/log/lsn.ts';

describe('a position in the log', () => {
  it.each([
    ['0/0', 0n],
    ['0/FFFFFFFF', 0xffff_ffffn],
    // One byte further, across 4 GiB: as texts, or as digits put together, the order would be another one.
    ['1/0', 0x1_0000_0000n],
    ['15/B374D848', 0x15_b374_d848n],
    ['16/374D848', 0x16_0374_d848n],
    ['FFFFFFFF/FFFFFFFF', 0xffff_ffff_ffff_ffffn],
  ])('%s is a number and a text', (text, position) => {
    expect(lsnOf(text)).toBe(position);
    expect(lsnText(position)).toBe(text);
  });

  it.each(['', '0', '0/', '/0', '0/G', '0/123456789', ' 0/0'])('%j is none', (text) => {
    expect(() => lsnOf(text)).toThrow('is no position in a log');
  });
});
