import { describe, expect, it } from 'vitest';
import { type InputLine, inputLines } from '../../src/append/lines.ts';

async function linesOf(...chunks: readonly (string | Uint8Array)[]): Promise<InputLine[]> {
  async function* input(): AsyncGenerator<Uint8Array, void, void> {
    for (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
  }
  const lines: InputLine[] = [];
  for await (const line of inputLines(input())) lines.push(line);
  return lines;
}

describe('inputLines', () => {
  it('numbers lines, skips blank ones, and needs no line feed at the end', async () => {
    expect(await linesOf('a\n\n  \r\nb\r\nc')).toEqual([
      { number: 1, text: 'a' },
      { number: 4, text: 'b\r' },
      { number: 5, text: 'c' },
    ]);
    expect(await linesOf()).toEqual([]);
    expect(await linesOf('')).toEqual([]);
  });

  it('does not care where the input is cut, not even inside a letter', async () => {
    const bytes = Buffer.from('注文\nZoë 🚚\n');
    const chunks = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
    expect((await linesOf(...chunks)).map(({ text }) => text)).toEqual(['注文', 'Zoë 🚚']);
  });

  it('keeps separators of Unicode inside a line', async () => {
    expect(await linesOf('{"a":"\u2028\u0085"}\n')).toHaveLength(1);
  });

  it('drops a byte order mark at the beginning and nowhere else', async () => {
    expect((await linesOf('\uFEFFa\n\uFEFFb')).map(({ text }) => text)).toEqual(['a', '\uFEFFb']);
  });

  it('refuses what is not UTF-8, with the number of the line', async () => {
    await expect(linesOf('a\n', new Uint8Array([0xff, 0x0a]))).rejects.toThrow('Line 2 is not UTF-8.');
  });
});
