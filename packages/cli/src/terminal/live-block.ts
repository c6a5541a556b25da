import type { Output } from './output.ts';

/**
 * A block of lines at the end of a terminal that is painted again and again, with ordinary lines passing above it.
 *
 * Lines must not be wider than the terminal: a wrapped line cannot be found again.
 */
export class LiveBlock {
  readonly #output: Output;
  #height = 0;

  constructor(output: Output) {
    this.#output = output;
  }

  /** Replaces the block. */
  paint(lines: readonly string[]): void {
    this.#write([], lines);
  }

  /** Puts lines above the block for good. */
  above(lines: readonly string[], block: readonly string[]): void {
    this.#write(lines, block);
  }

  /** Removes the block and leaves the cursor where it began. */
  clear(): void {
    this.#write([], []);
  }

  /** One write per change: a terminal that shows half of it flickers. */
  #write(lines: readonly string[], block: readonly string[]): void {
    const up = this.#height === 0 ? '' : `\u001b[${this.#height}A`;
    const text = [...lines, ...block].map((line) => `${line}\n`).join('');
    this.#output.stream.write(`${up}\r\u001b[J${text}`);
    this.#height = block.length;
  }
}
