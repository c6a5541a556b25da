/** How long calls take, by name. */
export class Durations {
  #taken = new Map<string, number[]>();

  async time<T>(name: string, call: () => Promise<T>): Promise<T> {
    const startMs = performance.now();
    try {
      return await call();
    } finally {
      const taken = this.#taken.get(name) ?? [];
      taken.push(performance.now() - startMs);
      this.#taken.set(name, taken);
    }
  }

  /** Sums up what was taken since the last time. */
  take(): Record<string, { p50: number; p99: number; count: number }> {
    const summary = [...this.#taken].map(([name, taken]) => {
      taken.sort((a, b) => a - b);
      const at = (part: number): number => taken[Math.floor((taken.length - 1) * part)] ?? 0;
      return [name, { p50: at(0.5), p99: at(0.99), count: taken.length }] as const;
    });
    this.#taken = new Map();
    return Object.fromEntries(summary);
  }
}
