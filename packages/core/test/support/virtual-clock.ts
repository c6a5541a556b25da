import type { Clock } from '../../src/clock.ts';

interface Timer {
  readonly atMs: number;
  readonly callback: () => void;
}

/**
 * A clock that moves only when a test moves it.
 *
 * Timers fire one after the other in order of time, those of one instant in the order they were set, and every promise
 * that can go on has gone on before the next timer fires: a test under this clock has one course of events.
 */
export class VirtualClock implements Clock {
  readonly #timers = new Set<Timer>();
  readonly #earlyMs: number;
  #nowMs = 0;

  /** @param earlyMs - how much too early timers fire; those of Node.js may be early by a millisecond */
  constructor(earlyMs = 0) {
    this.#earlyMs = earlyMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  setTimer(delayMs: number, callback: () => void): () => void {
    if (!(delayMs >= 0)) throw new RangeError(`a timer needs a wait of 0 or more; got ${delayMs}`);
    const timer = { atMs: this.#nowMs + Math.max(0, delayMs - this.#earlyMs), callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  yield(): Promise<void> {
    return this.sleep(0);
  }

  /** Resolves when `delayMs` milliseconds have passed. */
  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.setTimer(delayMs, resolve));
  }

  /** How many timers are set: none may be left when nothing runs any more. */
  get timers(): number {
    return this.#timers.size;
  }

  /** Lets `ms` milliseconds pass, and everything happen that happens in them. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await promisesSettled();
    for (let timer = this.#next(); timer !== undefined && timer.atMs <= endMs; timer = this.#next()) {
      await this.#fire(timer);
    }
    this.#nowMs = Math.max(this.#nowMs, endMs);
  }

  /** Lets time pass until the condition holds; fails when it does not within `limitMs`, or cannot any more. */
  async until(condition: () => boolean, limitMs = 3_600_000): Promise<void> {
    const endMs = this.#nowMs + limitMs;
    await promisesSettled();
    while (!condition()) {
      const timer = this.#next();
      if (timer === undefined)
        throw new Error(`nothing is left that could make it true: ${condition.toString()}`);
      if (timer.atMs > endMs) throw new Error(`not true within ${limitMs} ms: ${condition.toString()}`);
      await this.#fire(timer);
    }
  }

  /** Lets time pass until the promise settles; answers with its value or throws its error. */
  async outcome<T>(promise: Promise<T>, limitMs?: number): Promise<T> {
    let settled = false;
    const mark = (): void => {
      settled = true;
    };
    promise.then(mark, mark);
    await this.until(() => settled, limitMs);
    return promise;
  }

  /** Time passes and nothing runs: the event loop is stuck, or the machine was suspended. */
  stall(ms: number): void {
    this.#nowMs += ms;
  }

  #next(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) if (next === undefined || timer.atMs < next.atMs) next = timer;
    return next;
  }

  async #fire(timer: Timer): Promise<void> {
    this.#timers.delete(timer);
    this.#nowMs = Math.max(this.#nowMs, timer.atMs);
    timer.callback();
    await promisesSettled();
  }
}

/** Resolves when every promise that can go on has gone on: all of them do before the event loop turns. */
export function promisesSettled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
