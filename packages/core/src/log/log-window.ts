import type { Stretch } from './confirmed-prefix.ts';
import type { LogEntry } from './log-facet.ts';

/** An entry that waits to be published, and the stretch of the log it belongs to. */
export interface WindowEntry {
  readonly entry: LogEntry;
  readonly stretch: Stretch;
}

/** Bounds of a {@link LogWindow}. */
export interface WindowBounds {
  readonly messages: number;
  readonly bytes: number;
}

/**
 * Entries of the log that wait to be published, in order, bounded by count and bytes: whoever fills it waits while it
 * is full, so that one huge transaction takes no more memory than many small ones.
 */
export class LogWindow {
  readonly #bounds: WindowBounds;
  #entries: WindowEntry[] = [];
  #bytes = 0;
  #room: (() => void)[] = [];

  constructor(bounds: WindowBounds) {
    this.#bounds = bounds;
  }

  get size(): number {
    return this.#entries.length;
  }

  /** Adds entries; resolves when there is room for more. */
  add(entries: readonly WindowEntry[]): Promise<void> {
    for (const added of entries) {
      this.#entries.push(added);
      this.#bytes += added.entry.bytes;
    }
    if (!this.#isFull()) return Promise.resolve();
    return new Promise((resolve) => this.#room.push(resolve));
  }

  /** The first entries, within the given bounds, but at least one when there is one. They stay in the window. */
  first(bounds: WindowBounds): readonly WindowEntry[] {
    let count = 0;
    let bytes = 0;
    for (const { entry } of this.#entries) {
      bytes += entry.bytes;
      if (count >= bounds.messages || (count > 0 && bytes > bounds.bytes)) break;
      count++;
    }
    return this.#entries.slice(0, count);
  }

  /** Takes the first `count` entries out. */
  take(count: number): readonly WindowEntry[] {
    const taken = this.#entries.splice(0, count);
    for (const { entry } of taken) this.#bytes -= entry.bytes;
    if (!this.#isFull()) for (const resume of this.#room.splice(0)) resume();
    return taken;
  }

  #isFull(): boolean {
    return this.#entries.length >= this.#bounds.messages || this.#bytes >= this.#bounds.bytes;
  }
}
