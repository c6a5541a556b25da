import type { DeadReason, MessageContent, ParkRequest } from '@outrelay/core';

/** One message that has not been settled for good. */
export interface Entry {
  readonly position: number;
  readonly content: MessageContent;
  /** What keeps order: topic and key, or a name of its own for a message without key. */
  readonly orderKey: string;
  readonly createdAtMs: number;
  /** When it may be published; for most messages the time of the append. */
  availableAtMs: number;
  attempts: number;
  redrives: number;
  lastError: string | null;
  /**
   * - `fresh`: never failed; before its time it lets later messages of its key pass.
   * - `retry`: failed; its key waits until it is due.
   * - `suspect`: was being delivered when its relay disappeared; handed out alone.
   * - `blocked`: dead, and its key waits until somebody resolves the dead letter.
   */
  phase: 'fresh' | 'retry' | 'suspect' | 'blocked';
  /** The token under which it was read and not settled yet. */
  yieldedTo: string | null;
}

/** Who holds an order key. Stays after the end of the lease, so that a late settle can be judged. */
export interface Holder {
  readonly token: string;
  readonly relay: string;
  expiresAtMs: number;
  released: boolean;
}

/** A message that will not be tried again by itself. */
export interface Letter {
  /** Counts deaths; pages of letters go on behind it. */
  readonly number: number;
  readonly entry: Entry;
  readonly reason: DeadReason;
  readonly error: string;
  readonly deadAtMs: number;
  readonly blocking: boolean;
  resolvedAtMs: number | null;
}

/** What is remembered of a message that was sent. */
export interface Sent {
  readonly entry: Entry;
  readonly sentAtMs: number;
  readonly attempts: number;
}

/** How often a delivery was attempted. */
export interface Attempts {
  readonly count: number;
  readonly chargedAtMs: number;
}

/** A message that a consumer gave up. */
export interface Parked extends ParkRequest {
  /** Counts parkings; pages go on behind it. */
  readonly number: number;
  readonly parkedAtMs: number;
  /** `null` while it is parked; once redriven, the time from which it may be taken. */
  readonly availableAtMs: number | null;
}

/** Everything the store knows; the verbs in the other files work on it. */
export class MemoryState {
  /** Milliseconds since 1970 by the store's own clock, which stands for a database's. */
  readonly now: () => number;
  /** Unsettled messages by order key, each list in order of position. */
  readonly entries: Map<string, Entry[]> = new Map();
  /** Ids of unsettled messages and how many have each: a letter may be redriven while its id is pending again. */
  readonly #pendingIds: Map<string, number> = new Map();
  readonly holders: Map<string, Holder> = new Map();
  readonly letters: Letter[] = [];
  readonly sent: Sent[] = [];
  /** Receipt to the time it was recorded. */
  readonly receipts: Map<string, number> = new Map();
  /** Receipts of open transactions; whoever records the same one waits for the promise. */
  readonly openReceipts: Map<string, Promise<void>> = new Map();
  /** Attempts by delivery, in the order of their last charges. */
  readonly attempts: Map<string, Attempts> = new Map();
  /** Messages that consumers gave up, by delivery, in the order they were parked. */
  readonly parked: Map<string, Parked> = new Map();
  readonly listeners: Set<() => void> = new Set();
  #position = 0;
  #deaths = 0;
  #parkings = 0;

  constructor(now: () => number) {
    this.now = now;
  }

  nextPosition(): number {
    return ++this.#position;
  }

  nextDeath(): number {
    return ++this.#deaths;
  }

  nextParking(): number {
    return ++this.#parkings;
  }

  /** Puts an entry at its position in its key's order. */
  insert(entry: Entry): void {
    const list = this.entries.get(entry.orderKey);
    if (list === undefined) {
      this.entries.set(entry.orderKey, [entry]);
    } else {
      const at = list.findLastIndex((other) => other.position < entry.position);
      list.splice(at + 1, 0, entry);
    }
    const { id } = entry.content;
    this.#pendingIds.set(id, (this.#pendingIds.get(id) ?? 0) + 1);
  }

  remove(entry: Entry): void {
    const list = this.entries.get(entry.orderKey);
    const at = list?.indexOf(entry) ?? -1;
    if (list === undefined || at === -1) return;
    list.splice(at, 1);
    if (list.length === 0) this.entries.delete(entry.orderKey);
    const { id } = entry.content;
    const others = (this.#pendingIds.get(id) ?? 0) - 1;
    if (others > 0) this.#pendingIds.set(id, others);
    else this.#pendingIds.delete(id);
  }

  isPending(id: string): boolean {
    return this.#pendingIds.has(id);
  }

  has(entry: Entry): boolean {
    return entry.phase !== 'blocked' && (this.entries.get(entry.orderKey)?.includes(entry) ?? false);
  }

  /** The holder of a key whose lease has neither ended nor been released. */
  liveHolder(orderKey: string): Holder | undefined {
    const holder = this.holders.get(orderKey);
    return holder === undefined || holder.released || holder.expiresAtMs <= this.now() ? undefined : holder;
  }

  /**
   * The messages of a key that may be published now, in order.
   *
   * A message before its time lets later ones pass; one that waits for a retry, or is blocked, does not.
   */
  due(orderKey: string): Entry[] {
    const due: Entry[] = [];
    const now = this.now();
    for (const entry of this.entries.get(orderKey) ?? []) {
      if (entry.phase === 'blocked') break;
      if (entry.availableAtMs <= now) due.push(entry);
      else if (entry.phase !== 'fresh') break;
    }
    return due;
  }

  wake(): void {
    for (const listener of this.listeners) listener();
  }
}
