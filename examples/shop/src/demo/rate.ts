const WINDOW_MS = 2_000;

/** How fast a counter grows, per second, over the last two seconds. */
export class Rate {
  readonly #samples: { readonly atMs: number; readonly value: number }[] = [];

  of(value: number): number {
    const atMs = performance.now();
    this.#samples.push({ atMs, value });
    while ((this.#samples[1]?.atMs ?? atMs) < atMs - WINDOW_MS) this.#samples.shift();
    const first = this.#samples[0] ?? { atMs, value };
    return atMs === first.atMs ? 0 : ((value - first.value) * 1_000) / (atMs - first.atMs);
  }
}
