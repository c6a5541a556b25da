/** An answer that is older than this says that the clock of the server was set back. */
const SLOW_ANSWER_MS = 5_000;

/**
 * The clock of the server, from its last answer and the time that has passed here since, on a clock that nobody sets.
 *
 * It is behind the server's by the way of that answer, so nothing is taken for due too early, and a wrong clock on this
 * machine changes nothing.
 */
export class ServerClock {
  #base: number | null = null;
  #seenAtMs = 0;

  /** Takes over what the server said just now, unless what is known is nearer to it: an answer that took its time. */
  observe(now: Date): void {
    const ahead = this.#base === null ? 0 : this.now().getTime() - now.getTime();
    if (ahead > 0 && ahead < SLOW_ANSWER_MS) return;
    this.#base = now.getTime();
    this.#seenAtMs = performance.now();
  }

  /** Milliseconds since the last answer; infinite before the first. */
  get ageMs(): number {
    return this.#base === null ? Number.POSITIVE_INFINITY : performance.now() - this.#seenAtMs;
  }

  now(): Date {
    if (this.#base === null) throw new Error('The clock of the server has not been read.');
    return new Date(this.#base + Math.floor(performance.now() - this.#seenAtMs));
  }
}
