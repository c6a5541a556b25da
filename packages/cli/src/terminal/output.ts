import { type Style, styleFor } from './style.ts';

const DEFAULT_COLUMNS = 100;

/** One of the two streams that a command writes to. */
export class Output {
  readonly stream: NodeJS.WriteStream;
  readonly style: Style;
  readonly #env: NodeJS.ProcessEnv;

  constructor(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv) {
    this.stream = stream;
    this.style = styleFor(stream.isTTY, env);
    this.#env = env;
  }

  /** Whether a person sees it and parts of it can be painted again. */
  get interactive(): boolean {
    return this.stream.isTTY && this.#env['TERM'] !== 'dumb';
  }

  get columns(): number {
    return this.stream.isTTY ? this.stream.columns || DEFAULT_COLUMNS : DEFAULT_COLUMNS;
  }

  line(text = ''): void {
    this.stream.write(`${text}\n`);
  }

  lines(texts: readonly string[]): void {
    for (const text of texts) this.line(text);
  }

  json(value: unknown): void {
    this.line(JSON.stringify(value));
  }

  /** Writes and waits while whoever reads is slower than we are. */
  async write(data: string | Uint8Array): Promise<void> {
    if (this.stream.write(data) || this.stream.destroyed) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.stream.off('drain', done).off('close', done).off('error', done);
        resolve();
      };
      this.stream.on('drain', done).on('close', done).on('error', done);
    });
  }
}
