import { type BreakerScope, errorText, type RelayEvent } from '@outrelay/core';

/** A breaker that keeps messages back. */
export interface OpenBreaker {
  readonly scope: BreakerScope;
  /** When it lets a message try again, by the clock of the tally. */
  readonly untilMs: number;
}

/** A failure of the store that has not been followed by a success. */
export interface StoreTrouble {
  readonly during: string;
  readonly error: unknown;
  readonly text: string;
  /** Failures in a row. */
  readonly times: number;
}

const BUCKET_MS = 500;
const WINDOW_BUCKETS = 10;

/** Adds up what a relay reports, for whoever shows it. Times are milliseconds of `performance.now()`. */
export class Tally {
  readonly startedAtMs: number;
  published = 0;
  duplicates = 0;
  retried = 0;
  dead = 0;
  lastWorkMs: number;
  trouble: StoreTrouble | null = null;
  readonly breakers: Map<string, OpenBreaker> = new Map();
  /** Published messages by half-second, for the rate. */
  readonly #buckets = new Map<number, number>();

  constructor(nowMs: number) {
    this.startedAtMs = nowMs;
    this.lastWorkMs = nowMs;
  }

  add(event: RelayEvent, nowMs: number): void {
    if (event.type === 'batch-settled') {
      this.published += event.accepted.length;
      this.duplicates += event.duplicates;
      this.retried += event.retried;
      this.dead += event.dead;
      this.lastWorkMs = nowMs;
      this.trouble = null;
      this.#count(event.accepted.length, nowMs);
    } else if (event.type === 'lease-granted') {
      this.trouble = null;
    } else if (event.type === 'store-failed') {
      const { during, error } = event;
      this.trouble = { during, error, text: errorText(error), times: (this.trouble?.times ?? 0) + 1 };
    } else if (event.type === 'breaker-opened') {
      this.breakers.set(scopeText(event.scope), { scope: event.scope, untilMs: nowMs + event.openMs });
    } else if (event.type === 'breaker-closed') {
      this.breakers.delete(scopeText(event.scope));
    }
  }

  /** The store has answered: whatever it failed in before is over. */
  storeAnswered(): void {
    this.trouble = null;
  }

  /** Published messages a second, over the last five seconds. */
  rate(nowMs: number): number {
    const newest = Math.floor(nowMs / BUCKET_MS);
    let sum = 0;
    for (const [bucket, count] of this.#buckets) if (bucket > newest - WINDOW_BUCKETS) sum += count;
    const sinceStartMs = nowMs - this.startedAtMs;
    const spanMs = Math.min(WINDOW_BUCKETS * BUCKET_MS, Math.max(BUCKET_MS, sinceStartMs));
    return (sum * 1_000) / spanMs;
  }

  #count(published: number, nowMs: number): void {
    const bucket = Math.floor(nowMs / BUCKET_MS);
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + published);
    for (const old of this.#buckets.keys()) {
      if (old > bucket - WINDOW_BUCKETS) break;
      this.#buckets.delete(old);
    }
  }
}

/** What a breaker covers, for people: `http`, or `http, topic order.placed`. */
export function scopeText({ transport, topic }: BreakerScope): string {
  return topic === null ? transport : `${transport}, topic ${topic}`;
}
