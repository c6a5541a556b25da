/** Lets one of many equal notices pass per interval, and says how many were held back since the last one. */
export class Throttle {
  readonly #intervalMs: number;
  readonly #held = new Map<string, { sinceMs: number; count: number }>();

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  /** How many were held back before this one, or `null` when this one is to be held back too. */
  pass(kind: string, nowMs: number): number | null {
    const entry = this.#held.get(kind);
    if (entry !== undefined && nowMs - entry.sinceMs < this.#intervalMs) {
      entry.count++;
      return null;
    }
    this.#held.set(kind, { sinceMs: nowMs, count: 0 });
    return entry?.count ?? 0;
  }
}
