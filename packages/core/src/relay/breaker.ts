import type { BreakerScope } from '../events.ts';
import { type Checked, integer, readOptions } from '../settings.ts';

/** When a relay stops trying a topic or a transport for a while. */
export interface BreakerOptions {
  /** Messages of a topic that fail in a row, with none accepted in between, before its breaker opens. Default: 10. */
  readonly failures?: number | undefined;
  /**
   * Messages of a topic that are rejected in a row before its breaker opens: so many refusals are a broken
   * configuration rather than bad messages, and a backlog must not become dead letters for it. Default: 100.
   */
  readonly rejections?: number | undefined;
  /** Milliseconds that a breaker stays open the first time; doubles each time after. Default: 500. */
  readonly minOpenMs?: number | undefined;
  /** Longest time in milliseconds that a breaker stays open. Default: 30,000. */
  readonly maxOpenMs?: number | undefined;
}

const CHECKS = {
  failures: integer(10, 1, 1_000_000),
  rejections: integer(100, 1, 1_000_000),
  minOpenMs: integer(500, 1, 3_600_000),
  maxOpenMs: integer(30_000, 1, 86_400_000),
};

/** Checked {@link BreakerOptions}. */
export type BreakerSettings = Checked<BreakerOptions>;

/** Reads breaker options. */
export function readBreaker(owner: string, options: unknown): BreakerSettings {
  const settings = readOptions(owner, options === undefined ? {} : options, CHECKS);
  if (settings.minOpenMs > settings.maxOpenMs) {
    throw new TypeError(`${owner}: "minOpenMs" must not exceed "maxOpenMs".`);
  }
  return settings;
}

/**
 * Keeps messages away from a transport, or from one topic on it, while that is broken.
 *
 * - `closed`: messages flow; failures in a row are counted.
 * - `open`: nothing flows until `openMs` has passed.
 * - `half-open`: one message may be tried, alone; its outcome closes or reopens the breaker.
 */
export class Breaker {
  readonly scope: BreakerScope;
  readonly #settings: BreakerSettings;
  readonly #unit: () => number;
  #state: 'closed' | 'open' | 'half-open' = 'closed';
  #failures = 0;
  #rejections = 0;
  #openings = 0;

  constructor(scope: BreakerScope, settings: BreakerSettings, unit: () => number) {
    this.scope = scope;
    this.#settings = settings;
    this.#unit = unit;
  }

  get state(): 'closed' | 'open' | 'half-open' {
    return this.#state;
  }

  /** How often it was opened since something was accepted: tells one opening from the next. */
  get openings(): number {
    return this.#openings;
  }

  /** Counts a failed or rejected message; answers whether the breaker has to open. */
  count(status: 'failed' | 'rejected'): boolean {
    if (status === 'failed') this.#failures++;
    else this.#rejections++;
    return this.#failures >= this.#settings.failures || this.#rejections >= this.#settings.rejections;
  }

  /** Opens; answers with the milliseconds until the half-open state, shortened by up to a fifth by chance. */
  open(): number {
    const openMs = Math.min(this.#settings.maxOpenMs, this.#settings.minOpenMs * 2 ** this.#openings);
    this.#openings++;
    this.#state = 'open';
    return Math.round(openMs * (1 - 0.2 * this.#unit()));
  }

  halfOpen(): void {
    this.#state = 'half-open';
  }

  /** Something was accepted: closes, forgets all counts. */
  close(): void {
    this.#state = 'closed';
    this.#failures = 0;
    this.#rejections = 0;
    this.#openings = 0;
  }
}
