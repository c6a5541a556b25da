import type { ApplicationTransaction } from '@outrelay/conformance';

/** What a transaction of a model database can do for itself. */
export interface TransactionHandle {
  commit(): void;
  rollback(): void;
  savepoint(): () => void;
}

/** Knows the transactions of the application: when they began, and what is to follow their end. */
export class TransactionHooks {
  readonly #begun = new WeakMap<object, number>();
  readonly #steps = new WeakMap<object, { step: () => void; commitOnly: boolean }[]>();
  #count = 0;

  /** Runs `step` after the handle has committed. */
  afterCommit(handle: object, step: () => void): void {
    this.#after(handle, step, true);
  }

  /** Runs `step` after the handle has committed or rolled back. */
  afterEnd(handle: object, step: () => void): void {
    this.#after(handle, step, false);
  }

  /** The number of the transaction in the order of their beginning. */
  numberOf(handle: object): number {
    return this.#begun.get(handle) ?? 0;
  }

  /** The handle as the application uses it. */
  around(handle: TransactionHandle): ApplicationTransaction {
    this.#begun.set(handle, ++this.#count);
    return {
      handle,
      commit: async () => {
        handle.commit();
        this.#end(handle, true);
      },
      rollback: async () => {
        handle.rollback();
        this.#end(handle, false);
      },
      savepoint: async () => {
        const rollBack = handle.savepoint();
        return async () => rollBack();
      },
    };
  }

  #after(handle: object, step: () => void, commitOnly: boolean): void {
    const steps = this.#steps.get(handle) ?? [];
    steps.push({ step, commitOnly });
    this.#steps.set(handle, steps);
  }

  #end(handle: object, committed: boolean): void {
    for (const { step, commitOnly } of this.#steps.get(handle) ?? []) if (committed || !commitOnly) step();
  }
}
