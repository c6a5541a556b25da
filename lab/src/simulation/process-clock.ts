import type { Clock } from '@outrelay/core';
import type { Owner, Scheduler } from './scheduler.ts';
import type { SeededRandom } from './seeded-random.ts';

/** Node.js fires timers up to so many milliseconds early. */
export const EARLY_MS = 1;

/** The clock of one process: it begins anywhere, its timers are early, and late when the process is frozen. */
export class ProcessClock implements Clock {
  readonly #scheduler: Scheduler;
  readonly #random: SeededRandom;
  readonly #owner: Owner;
  readonly #startMs: number;
  #timers = 0;

  constructor(scheduler: Scheduler, random: SeededRandom, owner: Owner) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#owner = owner;
    this.#startMs = random.integer(0, 1_000_000);
  }

  /** How many timers are set. */
  get timers(): number {
    return this.#timers;
  }

  monotonicMs(): number {
    return this.#startMs + this.#scheduler.nowMs;
  }

  setTimer(delayMs: number, callback: () => void): () => void {
    let isSet = true;
    this.#timers++;
    const unset = (): void => {
      if (isSet) this.#timers--;
      isSet = false;
    };
    const dueMs = Math.max(0, delayMs - this.#random.unit() * EARLY_MS);
    const prevent = this.#scheduler.after(dueMs, this.#owner, () => {
      unset();
      callback();
    });
    return () => {
      unset();
      prevent();
    };
  }

  yield(): Promise<void> {
    return new Promise((resolve) => void this.#scheduler.after(0, this.#owner, resolve));
  }
}
