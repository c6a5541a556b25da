/** The abort signal of one call, with one listener however many places wait for it. */
export class Cancellation {
  /** Resolves when the signal aborts; never rejects. */
  readonly cancelled: Promise<'cancelled'>;
  readonly #signal: AbortSignal;
  readonly #abort: () => void;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    let resolve: (value: 'cancelled') => void;
    this.cancelled = new Promise((settle) => {
      resolve = settle;
    });
    this.#abort = () => resolve('cancelled');
    if (signal.aborted) this.#abort();
    else signal.addEventListener('abort', this.#abort, { once: true });
  }

  get isCancelled(): boolean {
    return this.#signal.aborted;
  }

  /** Takes the listener off the signal, which may live much longer than the call. */
  end(): void {
    this.#signal.removeEventListener('abort', this.#abort);
  }
}
