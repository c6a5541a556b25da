import { Output } from '../../src/terminal/output.ts';

/** The few things a terminal does that the live block relies on: cursor up, carriage return, erase below. */
export class Screen {
  readonly #rows: string[] = [''];
  #row = 0;

  /** An output that a command takes for a terminal of 80 columns. */
  output(): Output {
    const stream = { isTTY: true, columns: 80, write: (text: string) => this.#take(text) };
    return new Output(stream as unknown as NodeJS.WriteStream, { NO_COLOR: '1' });
  }

  /** What a person sees, without the empty line of the cursor. */
  lines(): string[] {
    return this.#rows.at(-1) === '' ? this.#rows.slice(0, -1) : [...this.#rows];
  }

  #take(text: string): boolean {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a terminal obeys
    for (const [part] of text.matchAll(/\u001b\[\d*[A-Z]|\r|\n|[^\u001b\r\n]+/g)) this.#obey(part);
    return true;
  }

  #obey(part: string): void {
    if (part.endsWith('A') && part.startsWith('\u001b')) {
      this.#row -= Number(part.slice(2, -1));
    } else if (part === '\u001b[J') {
      this.#rows.length = this.#row;
      this.#rows.push('');
    } else if (part === '\n') {
      this.#row++;
      if (this.#row === this.#rows.length) this.#rows.push('');
    } else if (part !== '\r') {
      this.#rows[this.#row] += part;
    }
  }
}
