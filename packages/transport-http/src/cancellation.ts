/** Spreads one abort signal to the many requests of a call: Node warns about a signal with a listener for each. */
export class Cancellation {
  readonly #signal: AbortSignal;
  readonly #callbacks = new Set<() => void>();
  readonly #abort = (): void => {
    for (const callback of [...this.#callbacks]) callback();
  };

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', this.#abort, { once: true });
  }

  get cancelled(): boolean {
    return this.#signal.aborted;
  }

  /** Calls back once when the signal aborts from now on. The returned function takes the callback back. */
  onCancel(callback: () => void): () => void {
    this.#callbacks.add(callback);
    return () => {
      this.#callbacks.delete(callback);
    };
  }

  /** Takes the listener off the signal, which may live much longer than the call. */
  end(): void {
    this.#signal.removeEventListener('abort', this.#abort);
  }
}
