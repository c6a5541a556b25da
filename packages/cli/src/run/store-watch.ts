import type { RelayEvent } from '@outrelay/core';

/** How long a run that is to end waits for a store that only fails, in milliseconds. */
const PATIENCE_MS = 3_000;

/**
 * Notices when the store is no help to a run that is to end by itself.
 *
 * A relay that goes on for ever waits for its store as long as it takes; `--once` must say that it cannot.
 */
export class StoreWatch {
  /** The failure that made it give up; `null` while it has not. */
  failure: { readonly error: unknown } | null = null;
  readonly #giveUp: () => void;
  /** When the first of the failures in a row was; `null` while the last thing heard of the store was good. */
  #sinceMs: number | null = null;

  constructor(giveUp: () => void) {
    this.#giveUp = giveUp;
  }

  event(event: RelayEvent, nowMs: number): void {
    if (event.type === 'lease-granted' || event.type === 'batch-settled') this.#sinceMs = null;
    if (event.type !== 'store-failed' || this.failure !== null) return;
    this.#sinceMs ??= nowMs;
    const { error } = event;
    const hopeless = (error as { retryable?: unknown } | null)?.retryable !== true;
    // Lanes fail side by side: how many failures there are says little.
    if (!hopeless && nowMs - this.#sinceMs < PATIENCE_MS) return;
    this.failure = { error };
    this.#giveUp();
  }
}
