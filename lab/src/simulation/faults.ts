import { OutboxError } from '@outrelay/core';
import type { SeededRandom } from './seeded-random.ts';

/** How one call over the network goes. */
export interface Fate {
  /** Milliseconds on the way there, and back. */
  readonly thereMs: number;
  readonly backMs: number;
  /** `refused`: fails, nothing was done. `lost`: done, the reply fails. `unheard`, `silent`: no answer ever. */
  readonly trouble: 'refused' | 'lost' | 'unheard' | 'silent' | null;
}

/** How bad the times are. */
export interface Weather {
  readonly name: string;
  /** Whether nothing goes wrong at all. */
  readonly quiet: boolean;
  /** Of a hundred calls on the database, how many go wrong. */
  readonly storePercent: number;
  /** Of a hundred calls on the broker, how many go wrong. */
  readonly brokerPercent: number;
  /** Of a hundred messages, how many the broker does not take this time, or keeps silent about. */
  readonly messagePercent: number;
  /** Whether processes are killed and frozen, servers go down, leases are taken away and clocks jump. */
  readonly disasters: boolean;
}

/** From a quiet day to the worst one. */
export const WEATHERS: readonly Weather[] = [
  { name: 'quiet', quiet: true, storePercent: 0, brokerPercent: 0, messagePercent: 0, disasters: false },
  { name: 'breeze', quiet: false, storePercent: 1, brokerPercent: 1, messagePercent: 2, disasters: false },
  { name: 'disasters', quiet: false, storePercent: 0, brokerPercent: 0, messagePercent: 0, disasters: true },
  { name: 'storm', quiet: false, storePercent: 5, brokerPercent: 5, messagePercent: 5, disasters: true },
  {
    name: 'hurricane',
    quiet: false,
    storePercent: 15,
    brokerPercent: 15,
    messagePercent: 12,
    disasters: true,
  },
];

const TROUBLES = ['refused', 'lost', 'unheard', 'silent'] as const;

/** Decides what goes wrong, from the seed alone. */
export class Faults {
  readonly #random: SeededRandom;
  readonly weather: Weather;
  readonly #broken = new Set<string>();
  /** Whether bad weather is over. */
  over = false;
  databaseDown = false;
  brokerDown = false;
  /** Milliseconds that the broker asks everybody to wait; 0 for no throttling. */
  throttleMs = 0;

  constructor(random: SeededRandom, weather: Weather) {
    this.#random = random;
    this.weather = weather;
  }

  /** Everything works from here on. */
  end(): void {
    this.over = true;
    this.databaseDown = false;
    this.brokerDown = false;
    this.throttleMs = 0;
    this.#broken.clear();
  }

  storeCall(): Fate {
    if (this.databaseDown) {
      return this.#fate(this.#random.pick(['refused', 'refused', 'refused', 'lost', 'silent'] as const));
    }
    return this.#strikes(this.weather.storePercent) ? this.#bad() : this.#fate(null);
  }

  brokerCall(): Fate {
    return this.#strikes(this.weather.brokerPercent) ? this.#bad() : this.#fate(null);
  }

  /** Whether the broker has a bad moment with one message. */
  messageFails(): boolean {
    return this.#strikes(this.weather.messagePercent);
  }

  breakTopic(topic: string, broken: boolean): void {
    if (broken) this.#broken.add(topic);
    else this.#broken.delete(topic);
  }

  isBroken(topic: string): boolean {
    return this.#broken.has(topic);
  }

  /** The error of a database: one that passes, or one that nobody expected. */
  storeError(): Error {
    return this.#random.chance(0.8)
      ? new OutboxError('STORE_UNAVAILABLE', 'The database is down.')
      : new Error('odd');
  }

  #strikes(percent: number): boolean {
    return !this.over && percent > 0 && this.#random.unit() * 100 < percent;
  }

  #bad(): Fate {
    const slow = this.#random.chance(0.4);
    if (!slow) return this.#fate(this.#random.pick(TROUBLES));
    // The last one is longer than a relay waits for any answer.
    const slowMs = this.#random.pick([100, 300, 1_000, 3_000, 9_000, 61_000]);
    return this.#random.chance(0.5)
      ? { thereMs: slowMs, backMs: 1, trouble: null }
      : { thereMs: 1, backMs: slowMs, trouble: null };
  }

  #fate(trouble: Fate['trouble']): Fate {
    return { thereMs: this.#random.latency(0.1, 3), backMs: this.#random.latency(0.1, 3), trouble };
  }
}
