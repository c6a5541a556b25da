import { UsageError } from '../usage-error.ts';

/** One line of input that is not blank. */
export interface InputLine {
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

const NEWLINE = 0x0a;
const BYTE_ORDER_MARK = /^\uFEFF/;

/**
 * Splits a stream of bytes into lines at line feeds only: other separators of Unicode may stand inside JSON strings.
 *
 * Blank lines count but are not yielded.
 */
export async function* inputLines(input: AsyncIterable<Uint8Array>): AsyncGenerator<InputLine, void, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let parts: Uint8Array[] = [];
  let number = 0;
  const decode = (): InputLine | null => {
    number++;
    const bytes = Buffer.concat(parts);
    parts = [];
    const text = decodeLine(decoder, bytes, number);
    return text.trim() === '' ? null : { number, text };
  };
  for await (const chunk of input) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      parts.push(chunk.subarray(start, end));
      start = end + 1;
      const line = decode();
      if (line !== null) yield line;
    }
    if (start < chunk.length) parts.push(chunk.subarray(start));
  }
  const last = parts.length === 0 ? null : decode();
  if (last !== null) yield last;
}

function decodeLine(decoder: InstanceType<typeof TextDecoder>, bytes: Uint8Array, number: number): string {
  try {
    const text = decoder.decode(bytes);
    return number === 1 ? text.replace(BYTE_ORDER_MARK, '') : text;
  } catch {
    throw new UsageError(`Line ${number} is not UTF-8.`);
  }
}
