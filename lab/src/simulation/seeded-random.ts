import type { Random } from '@outrelay/core';

/** Chance that repeats for a seed; the generator is mulberry32. */
export class SeededRandom implements Random {
  #state: number;
  #tokens = 0;

  /** @param seed - any number; only its low 32 bits count */
  constructor(seed: number) {
    // Neighbouring seeds must not begin alike.
    this.#state = Math.imul(seed ^ 0x9e37_79b9, 0x85eb_ca6b);
    this.unit();
  }

  unit(): number {
    this.#state = (this.#state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  }

  /** Unique within a course of events, which is all that a lease asks of it. */
  token(): string {
    return (++this.#tokens).toString(16).padStart(32, '0');
  }

  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.unit() * items.length)] as T;
  }

  /** A whole number from `min` to `max`, both included. */
  integer(min: number, max: number): number {
    return min + Math.floor(this.unit() * (max - min + 1));
  }

  /** A number of milliseconds from `min` to `max`, most of them near `min`, as latencies are. */
  latency(min: number, max: number): number {
    const unit = this.unit();
    return min + (max - min) * unit * unit * unit;
  }
}
