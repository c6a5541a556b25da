import { isRetryable } from '../errors.ts';
import type { StoreStep } from '../events.ts';
import { BatchSize } from './batch-size.ts';
import type { RelayContext } from './context.ts';
import { Backoff } from './pacing.ts';

/** Waits after failures, in milliseconds. */
const FAILURE_WAITS = { minMs: 100, maxMs: 10_000 };
/** Failures in a row that waiting does not cure, after which a drain gives up. */
const MAX_HARD_FAILURES = 3;
/** How long a lane may go on without letting timers and input run, in milliseconds. */
const YIELD_AFTER_MS = 10;

/** How one lane paces itself: the size of its batches, and its waits while there is no work or when something fails. */
export class LanePace {
  readonly size: BatchSize;
  readonly idle: Backoff;
  readonly #context: RelayContext;
  readonly #lane: number;
  readonly #failing: Backoff;
  /** Milliseconds to wait before the next turn, because the last one failed. */
  restMs = 0;
  #hardFailures = 0;
  #yieldedAtMs: number;

  constructor(context: RelayContext, lane: number) {
    const { settings, unit, clock } = context;
    this.size = new BatchSize(settings.batch.messages);
    this.idle = new Backoff(settings.poll, unit);
    this.#context = context;
    this.#lane = lane;
    this.#failing = new Backoff(FAILURE_WAITS, unit);
    this.#yieldedAtMs = clock.monotonicMs();
  }

  /** The store answered: the next failure begins with the shortest wait. */
  answered(): void {
    this.#failing.reset();
  }

  /** A batch was settled, so the store does all it has to. */
  succeeded(): void {
    this.answered();
    this.#hardFailures = 0;
  }

  /** The store refused to record outcomes, again and again. */
  refused(error: unknown): void {
    this.failed(error);
    // Every further batch would be published in vain too.
    this.#giveUpDrain(error);
  }

  /** A call on the store failed. */
  storeFailed(during: StoreStep, error: unknown): void {
    this.#context.emit({ type: 'store-failed', during, error, delayMs: this.failed(error) });
  }

  /** Something failed that should not be able to. */
  laneFailed(error: unknown): void {
    this.#context.emit({ type: 'lane-failed', lane: this.#lane, error, delayMs: this.failed(error) });
  }

  /** Notes a failure; answers with the milliseconds until the next turn. */
  failed(error: unknown): number {
    this.restMs = this.#failing.nextMs();
    this.#hardFailures = isRetryable(error) ? 0 : this.#hardFailures + 1;
    if (this.#hardFailures >= MAX_HARD_FAILURES) this.#giveUpDrain(error);
    return this.restMs;
  }

  /** Somebody has to put something right before going on makes sense: a drain ends, all other relays keep trying. */
  #giveUpDrain(error: unknown): void {
    const { goal } = this.#context.control;
    if (goal !== null) goal.failure ??= { error };
  }

  /** Lets timers and input run when the lane has gone on for long: fast adapters would starve them. */
  async letOthersRun(): Promise<void> {
    const { clock } = this.#context;
    if (clock.monotonicMs() - this.#yieldedAtMs < YIELD_AFTER_MS) return;
    await clock.yield();
    this.#yieldedAtMs = clock.monotonicMs();
  }
}
