import { type NewMessage, OutboxError } from '@outrelay/core';
import type { Entry, MemoryState } from './state.ts';

/** A transaction of a memory store, from `store.begin()`: what `append` and `record` are given. */
export interface MemoryTransaction {
  /** Makes everything visible, in the order of append, then wakes listeners. */
  commit(): void;
  /** Forgets everything. */
  rollback(): void;
  /** Marks a point; the returned function forgets the messages and receipts that came after it. */
  savepoint(): () => void;
  /** Takes messages; answers with the ids that were pending already. The store's `append` calls it. */
  add(messages: readonly NewMessage[]): string[];
}

/**
 * A transaction of a memory store: what is appended in it exists for others after `commit` and never after `rollback`.
 *
 * - `open`: takes appends and receipts. - `ended`: committed or rolled back; refuses both.
 */
export class OwnTransaction implements MemoryTransaction {
  readonly #state: MemoryState;
  readonly #messages: NewMessage[] = [];
  readonly #receipts = new Map<string, () => void>();
  #ended = false;

  constructor(state: MemoryState) {
    this.#state = state;
  }

  get ended(): boolean {
    return this.#ended;
  }

  commit(): void {
    this.#end('commit');
    const now = this.#state.now();
    for (const message of this.#messages) {
      // Another transaction may have committed the same id meanwhile; a unique index would have shown it then.
      if (!this.#state.isPending(message.id)) this.#state.insert(newEntry(this.#state, message, now));
    }
    for (const receipt of this.#receipts.keys()) this.#state.receipts.set(receipt, now);
    this.#releaseReceipts([...this.#receipts.keys()]);
    if (this.#messages.length > 0) this.#state.wake();
  }

  rollback(): void {
    this.#end('rollback');
    this.#releaseReceipts([...this.#receipts.keys()]);
  }

  savepoint(): () => void {
    const count = this.#messages.length;
    const before = new Set(this.#receipts.keys());
    return () => {
      this.#assertOpen('rollback to a savepoint');
      this.#messages.length = Math.min(this.#messages.length, count);
      this.#releaseReceipts([...this.#receipts.keys()].filter((receipt) => !before.has(receipt)));
    };
  }

  add(messages: readonly NewMessage[]): string[] {
    this.#assertOpen('append');
    const own = new Set(this.#messages.map((message) => message.id));
    const duplicates: string[] = [];
    for (const message of messages) {
      if (own.has(message.id) || this.#state.isPending(message.id)) {
        duplicates.push(message.id);
      } else {
        own.add(message.id);
        this.#messages.push(message);
      }
    }
    return duplicates;
  }

  /** Takes a receipt; answers `false` when it exists, after waiting for others that are recording the same one. */
  async addReceipt(receipt: string): Promise<boolean> {
    this.#assertOpen('record');
    for (;;) {
      // Looked at again each time: a call beside this one may have recorded it while both waited.
      if (this.#receipts.has(receipt)) return false;
      const other = this.#state.openReceipts.get(receipt);
      if (other === undefined) break;
      await other;
    }
    this.#assertOpen('record');
    if (this.#state.receipts.has(receipt)) return false;
    const { promise, resolve } = deferred();
    this.#state.openReceipts.set(receipt, promise);
    this.#receipts.set(receipt, resolve);
    return true;
  }

  #releaseReceipts(receipts: readonly string[]): void {
    for (const receipt of receipts) {
      this.#state.openReceipts.delete(receipt);
      this.#receipts.get(receipt)?.();
      this.#receipts.delete(receipt);
    }
  }

  #end(verb: string): void {
    this.#assertOpen(verb);
    this.#ended = true;
  }

  #assertOpen(verb: string): void {
    if (!this.#ended) return;
    throw new OutboxError(
      'TRANSACTION_CLOSED',
      `${verb} was called on a transaction that has already ended.`,
    );
  }
}

function newEntry(state: MemoryState, message: NewMessage, now: number): Entry {
  const { availableAt, ordering: _, ...content } = message;
  const position = state.nextPosition();
  return {
    position,
    content,
    orderKey: content.key === null ? `#${position}` : `${content.topic}\0${content.key}`,
    createdAtMs: now,
    availableAtMs: availableAt?.getTime() ?? now,
    attempts: 0,
    redrives: 0,
    lastError: null,
    phase: 'fresh',
    yieldedTo: null,
  };
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
