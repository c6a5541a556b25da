import type { Clock } from '../clock.ts';

/**
 * A clock whose timers end with the relay: the limit of a call that never answers must not keep the process alive
 * (R7.5).
 */
export class EndingClock implements Clock {
  readonly #clock: Clock;
  readonly #cancels = new Set<() => void>();
  #ended = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs();
  }

  /** After the end it sets none: a call that is answered then goes its way without a limit. */
  setTimer(delayMs: number, callback: () => void): () => void {
    if (this.#ended) return () => {};
    const stop = this.#clock.setTimer(delayMs, () => {
      this.#cancels.delete(cancel);
      callback();
    });
    const cancel = (): void => {
      this.#cancels.delete(cancel);
      stop();
    };
    this.#cancels.add(cancel);
    return cancel;
  }

  yield(): Promise<void> {
    return this.#clock.yield();
  }

  /** Cancels every timer. */
  end(): void {
    this.#ended = true;
    for (const cancel of this.#cancels) cancel();
  }
}
