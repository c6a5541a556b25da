import { describe, expect, it } from 'vitest';
import { payloadLines, payloadSummary } from '../../src/dead/payload-lines.ts';

describe('payloadLines', () => {
  it('shows text as text, with control characters made visible', () => {
    expect(payloadLines('{"a":1}')).toEqual(['{"a":1}']);
    expect(payloadLines('a\n\tb\u001b[2J')).toEqual(['a', '\tb\\x1b[2J']);
    expect(payloadLines(Buffer.from('Zoë'))).toEqual(['Zoë']);
  });

  it('tells no payload from an empty one', () => {
    expect(payloadLines(null)).toEqual(['(none)']);
    expect(payloadLines('')).toEqual(['(empty)']);
    expect([payloadSummary(null), payloadSummary('')]).toEqual(['none', '0 bytes']);
  });

  it('shows the beginning of bytes as a dump', () => {
    const bytes = Buffer.from(Array.from({ length: 300 }, (_, at) => at % 256));
    const lines = payloadLines(bytes);
    expect(lines).toHaveLength(17);
    expect(lines[4]).toBe('0040  40 41 42 43 44 45 46 47 48 49 4a 4b 4c 4d 4e 4f  @ABCDEFGHIJKLMNO');
    expect(lines.at(-1)).toBe('… 44 bytes more; all of them: --raw');
    expect(payloadSummary(bytes)).toBe('300 bytes, binary');
  });

  it('aligns a dump that ends early', () => {
    expect(payloadLines(Buffer.from([0xff, 0x41]))).toEqual([`0000  ff 41${' '.repeat(42)}  .A`]);
  });
});
