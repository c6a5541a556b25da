/** The part of a Node writable stream that the transport uses; `process.stdout`, a file, a socket and others fit. */
export interface LineStream {
  readonly destroyed?: boolean | undefined;
  readonly writableEnded?: boolean | undefined;
  write(text: string, callback: (error?: Error | null) => void): boolean;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  off(event: 'error', listener: (error: Error) => void): unknown;
  off(event: 'close', listener: () => void): unknown;
}

/** How the writing of a line ended; with `aborted` the stream still holds the line and may write it yet. */
export type LineOutcome =
  | { readonly kind: 'written' }
  | { readonly kind: 'broken'; readonly error: Error }
  | { readonly kind: 'aborted' };

/** Writes lines to a stream and remembers when it broke: a stream never comes back. */
export class LineOutput {
  readonly #stream: LineStream;
  readonly #waiting = new Set<(outcome: LineOutcome) => void>();
  #broken: Error | null = null;
  /** Lines that the stream has not passed on yet, also those of aborted calls. */
  #held = 0;
  #detached = false;
  readonly #onError = (error: Error): void => this.#break(error);
  readonly #onClose = (): void => this.#break(new Error('the stream was closed'));

  constructor(stream: LineStream) {
    this.#stream = stream;
    // Without a listener, the loss of a pipe's reader ends the process.
    stream.on('error', this.#onError);
    stream.on('close', this.#onClose);
  }

  /** Why nothing can be written any more; `null` while it can. */
  get broken(): Error | null {
    if (this.#broken === null && (this.#stream.destroyed === true || this.#stream.writableEnded === true)) {
      this.#broken = new Error('the stream was ended');
    }
    return this.#broken;
  }

  /** Writes a line and waits until the stream has passed it on, which a slow reader delays. */
  write(line: string, signal: AbortSignal): Promise<LineOutcome> {
    return new Promise((resolve) => {
      const settle = (outcome: LineOutcome): void => {
        this.#waiting.delete(settle);
        signal.removeEventListener('abort', abort);
        resolve(outcome);
      };
      const abort = (): void => settle({ kind: 'aborted' });
      this.#waiting.add(settle);
      signal.addEventListener('abort', abort, { once: true });
      this.#held += 1;
      this.#stream.write(line, (error) => {
        this.#held -= 1;
        if (error !== undefined && error !== null) this.#break(error);
        settle({ kind: 'written' });
        if (this.#detached) this.#release();
      });
    });
  }

  /** Takes the listeners off, as soon as the stream holds no line any more; the stream stays open. */
  detach(): void {
    this.#detached = true;
    this.#stream.off('close', this.#onClose);
    this.#release();
  }

  /**
   * A stream tells the callback of a write before it emits `error`, and a line that an aborted call left behind may
   * fail much later: the errors of our own lines must never reach a stream without a listener.
   */
  #release(): void {
    if (this.#held === 0 && this.#broken === null) this.#stream.off('error', this.#onError);
  }

  #break(error: Error): void {
    this.#broken ??= error;
    for (const settle of [...this.#waiting]) settle({ kind: 'broken', error });
  }
}
