import type { Cancellation } from './cancellation.ts';

/** Lets a bounded number of callers through at a time, in the order in which they came. */
export class Gate {
  #free: number;
  readonly #waiting = new Set<(entered: boolean) => void>();

  constructor(places: number) {
    this.#free = places;
  }

  /**
   * Resolves with `true` once there is a place, which {@link Gate.leave} gives back; with `false`, and no place, when
   * the cancellation comes first.
   */
  async enter(cancellation: Cancellation): Promise<boolean> {
    if (cancellation.cancelled) return false;
    if (this.#free > 0) {
      this.#free -= 1;
      return true;
    }
    return new Promise<boolean>((resolve) => {
      const settle = (entered: boolean): void => {
        this.#waiting.delete(settle);
        forget();
        resolve(entered);
      };
      const forget = cancellation.onCancel(() => settle(false));
      this.#waiting.add(settle);
    });
  }

  leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#free += 1;
    else next(true);
  }
}
