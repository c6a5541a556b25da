/** A batch that takes longer is too large: it delays hand-overs, stops and the settlement of what is done. */
const SLOW_MS = 1_000;
/** A full batch that takes less may grow. */
const FAST_MS = 250;

/**
 * How many messages a lane reads at once: the configured size for a fast broker, fewer for a slow one.
 *
 * A batch is settled as a whole, so its duration bounds how long a stop takes and how much a crash repeats.
 */
export class BatchSize {
  readonly #max: number;
  #size: number;

  constructor(max: number) {
    this.#max = max;
    this.#size = max;
  }

  get messages(): number {
    return this.#size;
  }

  /** Learns from a batch of `count` messages that took `publishMs` milliseconds to publish. */
  learn(count: number, publishMs: number): void {
    if (publishMs > SLOW_MS) this.#size = Math.max(1, Math.min(this.#size, count) >> 1);
    else if (publishMs < FAST_MS && count >= this.#size) this.#size = Math.min(this.#max, this.#size * 2);
  }
}
