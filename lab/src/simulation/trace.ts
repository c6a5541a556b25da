/**
 * What happened, in order: a fingerprint of all of it at any time, and the lines themselves when they are asked for.
 *
 * Two runs of one seed have one fingerprint, or the simulation is not deterministic.
 */
export class Trace {
  readonly lines: string[] = [];
  readonly #keeps: boolean;
  #hash = 0x811c_9dc5;
  #events = 0;

  /** @param keeps - whether lines are kept, which is slow */
  constructor(keeps: boolean) {
    this.#keeps = keeps;
  }

  /** How many events were noted. */
  get events(): number {
    return this.#events;
  }

  /** FNV-1a over everything noted so far. */
  get fingerprint(): string {
    return `${this.#events}-${(this.#hash >>> 0).toString(16).padStart(8, '0')}`;
  }

  /** @param detail - made only when lines are kept */
  note(atMs: number, who: string, what: string, detail: () => string): void {
    this.#events++;
    this.#mix(Math.round(atMs * 1_000));
    for (let index = 0; index < what.length; index++) this.#mix(what.charCodeAt(index));
    for (let index = 0; index < who.length; index++) this.#mix(who.charCodeAt(index));
    if (this.#keeps)
      this.lines.push(`${atMs.toFixed(3).padStart(12)}  ${who.padEnd(9)} ${what.padEnd(10)} ${detail()}`);
  }

  #mix(value: number): void {
    this.#hash = Math.imul(this.#hash ^ value, 0x0100_0193);
  }
}
