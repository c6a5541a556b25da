import type { Clock } from '../clock.ts';

/**
 * Lets lanes wait for work, and wakes them when there may be some.
 *
 * A lane takes a mark before it looks for work and waits from that mark: a wake-up that came in between, for example
 * while a lease was held, ends the wait at once instead of being lost.
 */
export class Pacing {
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();
  #wakes = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The present moment in the sequence of wake-ups. */
  mark(): number {
    return this.#wakes;
  }

  wake(): void {
    this.#wakes++;
    for (const resume of [...this.#waiting]) resume();
  }

  /** Resolves at the first wake-up after `mark`, or after `delayMs` milliseconds; `Infinity` waits for a wake-up. */
  wait(mark: number, delayMs: number): Promise<void> {
    if (mark !== this.#wakes || delayMs <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const resume = (): void => {
        cancel();
        this.#waiting.delete(resume);
        resolve();
      };
      const cancel = delayMs === Number.POSITIVE_INFINITY ? () => {} : this.#clock.setTimer(delayMs, resume);
      this.#waiting.add(resume);
    });
  }
}

/** Bounds of an {@link Backoff}, in milliseconds. */
export interface BackoffBounds {
  readonly minMs: number;
  readonly maxMs: number;
}

/** Waits that double from one time to the next until something good happens. */
export class Backoff {
  readonly #bounds: BackoffBounds;
  readonly #unit: () => number;
  #nextMs: number;

  constructor(bounds: BackoffBounds, unit: () => number) {
    this.#bounds = bounds;
    this.#unit = unit;
    this.#nextMs = bounds.minMs;
  }

  /** The next wait, shortened by up to a fifth by chance, so that relays do not look in step. */
  nextMs(): number {
    const waitMs = this.#nextMs;
    this.#nextMs = Math.min(this.#bounds.maxMs, waitMs * 2);
    return waitMs * (1 - 0.2 * this.#unit());
  }

  reset(): void {
    this.#nextMs = this.#bounds.minMs;
  }
}
