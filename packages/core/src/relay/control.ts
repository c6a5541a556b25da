import type { Clock } from '../clock.ts';
import { abortController } from './abort.ts';
import { Pacing } from './pacing.ts';

/** What a drain may still do. */
export interface DrainGoal {
  /** Messages that may still be read. */
  remaining: number;
  /** Why a lane gave up; `null` while none has. */
  failure: { readonly error: unknown } | null;
}

/**
 * What the lanes of a relay share about its state.
 *
 * - `running`: lanes take leases.
 * - `paused`: lanes finish their batch, give back their leases and wait.
 * - `stopping`: lanes finish their batch, give back their leases and end; final.
 */
export class Control {
  /** Hints that there may be work, and changes of state. */
  readonly pacing: Pacing;
  /** Signs that one lane alone does not keep up. */
  readonly backlog: Pacing;
  /** Leases that lanes of this relay hold at the moment. */
  leases = 0;
  /** Messages handed to transports whose outcome is not recorded yet. */
  exposed = 0;
  /** Messages that may have been published when the relay gave up on their outcome. */
  abandonedMessages = 0;
  /** Until then, on the monotonic clock, messages that failed before are published alone. */
  retriesAloneUntilMs = 0;
  /** Set while the relay drains. */
  goal: DrainGoal | null = null;
  readonly #clock: Clock;
  readonly #stopping = abortController();
  readonly #abandoned = abortController();
  readonly #ended = abortController();
  #state: 'running' | 'paused' | 'stopping' = 'running';

  constructor(clock: Clock) {
    this.#clock = clock;
    this.pacing = new Pacing(clock);
    this.backlog = new Pacing(clock);
  }

  get state(): 'running' | 'paused' | 'stopping' {
    return this.#state;
  }

  get stopping(): boolean {
    return this.#state === 'stopping';
  }

  /** Whether a drain may do no more: its limit is reached, or a lane has given up. */
  get exhausted(): boolean {
    return this.goal !== null && (this.goal.remaining <= 0 || this.goal.failure !== null);
  }

  /** Aborts when the stop has lasted too long: publishing ends, what was not settled stays with the store. */
  get abandoned(): AbortSignal {
    return this.#abandoned.signal;
  }

  /** Messages that may have been published without their outcome being recorded, at the end of the relay. */
  get unsettled(): number {
    return this.exposed + this.abandonedMessages;
  }

  /** Aborts when the stop begins. */
  get stopSignal(): AbortSignal {
    return this.#stopping.signal;
  }

  /** Changes the state; answers whether that was a change. */
  change(state: 'running' | 'paused' | 'stopping'): boolean {
    if (this.#state === 'stopping' || this.#state === state) return false;
    this.#state = state;
    if (state === 'stopping') this.#stopping.abort();
    this.pacing.wake();
    this.backlog.wake();
    return true;
  }

  abandon(): void {
    this.#abandoned.abort(new Error('the relay had to stop'));
  }

  /** The relay has ended: nothing waits any more. */
  end(): void {
    this.#ended.abort();
  }

  /** Resolves when the relay stops. */
  async untilStopping(): Promise<void> {
    await this.#sleep(Number.POSITIVE_INFINITY, this.#stopping.signal);
  }

  /** Waits after a failure; hints of new work do not shorten it, only the end of the relay does. */
  async rest(delayMs: number): Promise<void> {
    await this.#sleep(delayMs, this.#stopping.signal);
  }

  /** Waits between attempts to record outcomes, which go on while the relay stops, until it is abandoned. */
  async restUntilAbandoned(delayMs: number): Promise<void> {
    await this.#sleep(delayMs, this.#abandoned.signal);
  }

  /** Resolves `delayMs` milliseconds after the relay was abandoned, or when it has ended after that. */
  async afterAbandon(delayMs: number): Promise<void> {
    await this.#sleep(Number.POSITIVE_INFINITY, this.#abandoned.signal);
    await this.#sleep(delayMs, this.#ended.signal);
  }

  #sleep(delayMs: number, until: AbortSignal): Promise<void> {
    if (until.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        cancel();
        until.removeEventListener('abort', end);
        resolve();
      };
      const cancel = delayMs === Number.POSITIVE_INFINITY ? () => {} : this.#clock.setTimer(delayMs, end);
      until.addEventListener('abort', end);
    });
  }
}
