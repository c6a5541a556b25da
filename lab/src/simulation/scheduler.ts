import type { SeededRandom } from './seeded-random.ts';

/** Whatever events happen to: a process that may be frozen or dead, or the world around it. */
export interface Owner {
  readonly dead: boolean;
  /** Until then nothing of it runs, while time passes: a stuck event loop, a suspended machine. */
  readonly frozenUntilMs: number;
}

interface Entry {
  atMs: number;
  /** Decides between events of one instant. */
  readonly chance: number;
  readonly owner: Owner | null;
  callback: (() => void) | null;
}

/** Turns of the event loop that are asked for at once. */
const TURNS = 64;

/**
 * The one source of time and order in a simulated world: events happen in the order of their times, those of one
 * instant in an order that the seed decides, and every promise that can go on has gone on before the next event.
 */
export class Scheduler {
  readonly #random: SeededRandom;
  readonly #heap: Entry[] = [];
  #nowMs = 0;
  #fired = 0;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** How many events have happened. */
  get fired(): number {
    return this.#fired;
  }

  /** Lets something happen to `owner`, or to the world when that is `null`; the answer prevents it. */
  after(delayMs: number, owner: Owner | null, callback: () => void): () => void {
    const entry: Entry = { atMs: this.#nowMs + delayMs, chance: this.#random.unit(), owner, callback };
    this.#push(entry);
    return () => {
      entry.callback = null;
    };
  }

  /** How many events of the owner are still to come. */
  pending(owner: Owner): number {
    return this.#heap.filter((entry) => entry.owner === owner && entry.callback !== null).length;
  }

  /** Lets events happen until `enough` says so, which is asked before each; `false` when nothing is left to happen. */
  run(enough: () => boolean): Promise<boolean> {
    return new Promise((resolve, reject) => {
      let over = false;
      const end = (settle: () => void): void => {
        over = true;
        settle();
      };
      const turn = (): void => {
        if (over) return;
        try {
          if (enough()) end(() => resolve(true));
          else if (!this.#fireNext()) end(() => resolve(false));
        } catch (error) {
          end(() => reject(error));
        }
      };
      // Between two callbacks of setImmediate, Node.js lets all promises go on; many at once cost less than one by one.
      const pump = (): void => {
        for (let index = 0; index < TURNS; index++) setImmediate(turn);
        setImmediate(() => {
          if (!over) pump();
        });
      };
      pump();
    });
  }

  #fireNext(): boolean {
    for (let entry = this.#pop(); entry !== undefined; entry = this.#pop()) {
      const { owner, callback } = entry;
      if (callback === null || owner?.dead === true) continue;
      if (owner !== null && owner.frozenUntilMs > entry.atMs && owner.frozenUntilMs > this.#nowMs) {
        entry.atMs = owner.frozenUntilMs;
        this.#push(entry);
        continue;
      }
      this.#nowMs = Math.max(this.#nowMs, entry.atMs);
      entry.callback = null;
      this.#fired++;
      callback();
      return true;
    }
    return false;
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(entry, heap[parent] as Entry)) break;
      heap[at] = heap[parent] as Entry;
      at = parent;
    }
    heap[at] = entry;
  }

  #pop(): Entry | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1] as Entry, heap[child] as Entry)) child++;
      if (!before(heap[child] as Entry, last)) break;
      heap[at] = heap[child] as Entry;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.chance < b.chance);
}
