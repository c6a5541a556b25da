import type { Clock } from '../../src/clock.ts';

/** How one call goes. */
export interface Step {
  /** Milliseconds on the way there. Default: the script's. */
  readonly takesMs?: number | undefined;
  /** Milliseconds on the way back. Default: 0. */
  readonly replyMs?: number | undefined;
  /** Fails without doing anything. */
  readonly fail?: Error | undefined;
  /** Does its work, then fails on the way back. */
  readonly loseReply?: Error | undefined;
  /** Never answers; `after` it did its work, or without. */
  readonly hang?: 'before' | 'after' | undefined;
  /** Happens on the other side just before the work. */
  readonly meanwhile?: (() => void) | undefined;
}

/** Decides how the calls of a scripted adapter go, and counts them. */
export class Script<Verb extends string> {
  /** Milliseconds that a call takes when its step says nothing. */
  takesMs: number;
  readonly #clock: Clock;
  readonly #next = new Map<Verb, Step[]>();
  readonly #always = new Map<Verb, Step>();
  readonly #calls = new Map<Verb, number>();

  constructor(clock: Clock, takesMs: number) {
    this.#clock = clock;
    this.takesMs = takesMs;
  }

  /** The next calls of a verb go like this, one step per call. */
  next(verb: Verb, ...steps: readonly Step[]): void {
    this.#next.set(verb, [...(this.#next.get(verb) ?? []), ...steps]);
  }

  /** Every call without a step of its own goes like this, until `normal`. */
  always(verb: Verb, step: Step): void {
    this.#always.set(verb, step);
  }

  normal(verb: Verb): void {
    this.#always.delete(verb);
    this.#next.delete(verb);
  }

  /** How often a verb was called. */
  calls(verb: Verb): number {
    return this.#calls.get(verb) ?? 0;
  }

  async play<T>(verb: Verb, work: () => T | Promise<T>): Promise<T> {
    this.#calls.set(verb, this.calls(verb) + 1);
    const step = this.#next.get(verb)?.shift() ?? this.#always.get(verb) ?? {};
    await this.#wait(step.takesMs ?? this.takesMs);
    step.meanwhile?.();
    if (step.fail !== undefined) throw step.fail;
    if (step.hang === 'before') return never();
    const value = await work();
    if (step.hang === 'after') return never();
    if (step.replyMs !== undefined) await this.#wait(step.replyMs);
    if (step.loseReply !== undefined) throw step.loseReply;
    return value;
  }

  async #wait(ms: number): Promise<void> {
    if (ms > 0) await new Promise<void>((resolve) => this.#clock.setTimer(ms, resolve));
  }
}

/** A promise that nothing settles. */
export function never<T>(): Promise<T> {
  return new Promise(() => {});
}
