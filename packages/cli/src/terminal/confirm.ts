import { createInterface } from 'node:readline/promises';
import type { Context } from '../context.ts';

/** Asks a person on the terminal; anything but a clear yes is a no, and so is the end of input. */
export async function confirm({ stdin, err }: Context, question: string): Promise<boolean> {
  const lines = createInterface({ input: stdin, output: err.stream });
  const ended = new AbortController();
  lines.once('close', () => ended.abort());
  try {
    const answer = await lines.question(`${question} [y/N] `, { signal: ended.signal });
    return /^y(?:es)?$/i.test(answer.trim());
  } catch {
    err.line();
    return false;
  } finally {
    lines.close();
  }
}
