import type { Clock } from '../clock.ts';
import type { ConnectivityFacet } from '../transport.ts';
import { abortController, limitSignal } from './abort.ts';
import type { Breaker } from './breaker.ts';
import { untilAborted } from './patience.ts';

/** How long a connectivity check may take, in milliseconds. */
const CHECK_TIMEOUT_MS = 5_000;

/** Lets open breakers wait for their time, then asks whether the broker is back where it can be asked. */
export class BreakerWaits {
  readonly #clock: Clock;
  readonly #stop = abortController();
  /** The latest wait of each breaker; what ends an earlier one is ignored. */
  readonly #waits = new Map<Breaker, { cancel: () => void }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Waits `openMs` milliseconds, then checks the connection; `ended` is called with what the check failed with, or
   * `null`. It is not called after `forget`, after another `begin` for the breaker, or after `close`.
   */
  begin(
    breaker: Breaker,
    openMs: number,
    connectivity: ConnectivityFacet | undefined,
    ended: (failure: { readonly error: unknown } | null) => void,
  ): void {
    this.forget(breaker);
    if (this.#stop.signal.aborted) return;
    const check = async (): Promise<void> => {
      const failure = connectivity === undefined ? null : await this.#check(connectivity);
      if (this.#waits.get(breaker) !== wait) return;
      this.#waits.delete(breaker);
      ended(failure);
    };
    const wait = { cancel: this.#clock.setTimer(openMs, () => void check()) };
    this.#waits.set(breaker, wait);
  }

  forget(breaker: Breaker): void {
    this.#waits.get(breaker)?.cancel();
    this.#waits.delete(breaker);
  }

  /** Ends timers and checks. */
  close(): void {
    for (const breaker of this.#waits.keys()) this.forget(breaker);
    this.#stop.abort(new Error('the relay stopped'));
  }

  async #check(connectivity: ConnectivityFacet): Promise<{ readonly error: unknown } | null> {
    const limit = limitSignal([this.#stop.signal], this.#clock, CHECK_TIMEOUT_MS);
    try {
      await untilAborted(connectivity.check(limit.signal), limit.signal, this.#clock);
      return null;
    } catch (error) {
      return { error };
    } finally {
      limit.end();
    }
  }
}
