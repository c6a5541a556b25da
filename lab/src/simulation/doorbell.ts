import type { WakeupListener } from '@outrelay/core';
import type { Faults } from './faults.ts';
import type { Owner, Scheduler } from './scheduler.ts';
import type { SeededRandom } from './seeded-random.ts';

/** Wake-ups as they come from a real source: late, twice, or not at all. */
export class Doorbell {
  readonly #scheduler: Scheduler;
  readonly #random: SeededRandom;
  readonly #faults: Faults;
  readonly #listeners = new Map<WakeupListener, Owner>();

  constructor(scheduler: Scheduler, random: SeededRandom, faults: Faults) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#faults = faults;
  }

  add(owner: Owner, listener: WakeupListener): () => void {
    this.#listeners.set(listener, owner);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  ring(): void {
    const unreliable = !this.#faults.over && !this.#faults.weather.quiet;
    for (const [listener, owner] of this.#listeners) {
      const times = unreliable ? this.#random.pick([0, 1, 1, 2, 3]) : 1;
      for (let time = 0; time < times; time++)
        this.#scheduler.after(this.#random.latency(0.1, 20), owner, () => listener.wake());
    }
  }

  /** The source fails and comes back. */
  interrupt(forMs: number): void {
    for (const [listener, owner] of this.#listeners) {
      this.#scheduler.after(1, owner, () => listener.lost(new Error('the source of wake-ups is gone')));
      this.#scheduler.after(forMs, owner, () => listener.restored());
    }
  }
}
