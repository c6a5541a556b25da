import type { Clock } from '../clock.ts';
import { OutboxError } from '../errors.ts';
import type { Lease, OutboxStore } from '../store.ts';
import { within } from './patience.ts';

/** What a keeper reports while it renews. */
export interface LeaseObserver {
  /** A renewal failed; the next one follows after `delayMs` milliseconds, as long as the lease lasts. */
  renewFailed(error: unknown, delayMs: number): void;
}

/**
 * Keeps a lease alive, and knows when it may not be used any more.
 *
 * - `held`: the lease ends after `leaseMs` on the monotonic clock, counted from before the request was sent, so that
 *   the database's end is never earlier than this one. Renewed every third of that time.
 * - `lapsed`: it was not renewed in time. Nothing may be published; outcomes may still be recorded.
 * - `lost`: the database says that somebody else has it.
 */
export class LeaseKeeper {
  readonly #store: OutboxStore;
  readonly #clock: Clock;
  readonly #leaseMs: number;
  readonly #observer: LeaseObserver;
  readonly #ended = new AbortController();
  #lease: Lease;
  #endsAtMs: number;
  #lost = false;
  #wanted = false;
  #cancelTimer: () => void = () => {};
  #cancelWatch: () => void = () => {};
  #renewing: Promise<void> | null = null;
  #closed = false;

  /** @param requestedAtMs - monotonic time from before the claim was sent */
  constructor(
    store: OutboxStore,
    clock: Clock,
    observer: LeaseObserver,
    lease: Lease,
    leaseMs: number,
    requestedAtMs: number,
  ) {
    this.#store = store;
    this.#clock = clock;
    this.#observer = observer;
    this.#lease = lease;
    this.#leaseMs = leaseMs;
    this.#endsAtMs = requestedAtMs + leaseMs;
    this.#scheduleNext();
  }

  get lease(): Lease {
    return this.#lease;
  }

  /** Aborts when publishing has to end: the lease lapsed or was lost. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** Whether a renewal reported that others wait for a part of the lease. */
  get wanted(): boolean {
    return this.#wanted;
  }

  /** Whether something may be published now. Asks the clock, because a stalled process is late with its timers. */
  get usable(): boolean {
    if (!this.#ended.signal.aborted && this.#remainingMs() <= 0)
      this.#end('the lease lapsed before it was renewed');
    return !this.#ended.signal.aborted;
  }

  get lost(): boolean {
    return this.#lost;
  }

  /** A settle or renewal found that somebody else holds the lease. */
  markLost(): void {
    this.#lost = true;
    this.#end('another relay has taken over the lease');
  }

  /**
   * Changes what the lease covers, never while a renewal is under way; answers whether anything is left of it.
   *
   * Called when nothing that was read is unsettled, so the renewal can wait.
   */
  async change(work: (lease: Lease) => Promise<Lease | null>): Promise<boolean> {
    await this.#renewing;
    if (!this.usable) return false;
    this.#cancelTimer();
    try {
      const lease = await work(this.#lease);
      if (lease !== null) this.#lease = lease;
      return lease !== null;
    } finally {
      this.#scheduleNext();
    }
  }

  /** The wish of others has been met. */
  forgetWanted(): void {
    this.#wanted = false;
  }

  /** Stops renewing, and waits for a renewal under way. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelTimer();
    await this.#renewing;
  }

  /** A tenth of the lease stays unused, for what is on its way to the broker when the time is up. */
  #remainingMs(): number {
    return this.#endsAtMs - this.#leaseMs / 10 - this.#clock.monotonicMs();
  }

  /** A third after the request that the lease counts from: at once when the store was slow to answer. */
  #scheduleNext(): void {
    this.#schedule(this.#endsAtMs - this.#leaseMs * (2 / 3) - this.#clock.monotonicMs());
  }

  #schedule(delayMs: number): void {
    if (this.#closed || this.#ended.signal.aborted) return;
    this.#cancelTimer = this.#clock.setTimer(Math.max(0, Math.min(delayMs, this.#remainingMs())), () => {
      this.#renewing ??= this.#renew().finally(() => {
        this.#renewing = null;
      });
    });
  }

  async #renew(): Promise<void> {
    if (!this.usable) return;
    const requestedAtMs = this.#clock.monotonicMs();
    const limitMs = this.#leaseMs / 3;
    const timedOut = (): OutboxError =>
      new OutboxError(
        'STORE_UNAVAILABLE',
        `The store did not answer renew within ${Math.round(limitMs)} ms.`,
      );
    this.#watch();
    try {
      const call = this.#store.renew(this.#lease, this.#leaseMs);
      const report = await within(call, this.#clock, limitMs, timedOut);
      if (report === null) {
        this.markLost();
        return;
      }
      this.#lease = report.lease;
      this.#wanted ||= report.wanted;
      this.#endsAtMs = requestedAtMs + this.#leaseMs;
      this.#scheduleNext();
    } catch (error) {
      const delayMs = this.#leaseMs / 10;
      if (!this.#closed) this.#observer.renewFailed(error, delayMs);
      this.#schedule(delayMs);
    } finally {
      this.#cancelWatch();
    }
  }

  /** The answer may take longer than the lease lasts, and timers may be early: the end is watched until it came. */
  #watch(): void {
    this.#cancelWatch = this.#clock.setTimer(Math.max(1, this.#remainingMs()), () => {
      if (this.usable) this.#watch();
    });
  }

  #end(reason: string): void {
    this.#cancelTimer();
    if (!this.#ended.signal.aborted)
      this.#ended.abort(new OutboxError('LEASE_LOST', `Publishing ended: ${reason}.`));
  }
}
