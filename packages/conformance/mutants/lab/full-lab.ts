import type { ApplicationTransaction } from '@outrelay/conformance';
import { type MemoryStore, memoryStore } from '@outrelay/store-memory';
import { LabClock } from './clock.ts';
import { Gates } from './gates.ts';
import { TransactionHooks } from './transaction.ts';

export const RETENTION = { historyMs: 60_000, receiptMs: 120_000 };

/** A model database that can do everything the suite may ask of one; the outbox in it is a memory store. */
export class FullLab {
  readonly clock: LabClock = new LabClock();
  readonly gates: Gates = new Gates();
  readonly hooks: TransactionHooks = new TransactionHooks();
  /** Ids whose rows the database refuses. */
  readonly refused: Set<string> = new Set();
  /** Ids whose rows are damaged. */
  readonly corrupted: Set<string> = new Set();
  readonly drift: string[] = [];
  /** The first installation, when this one is the second in its database. */
  readonly first: FullLab | null;
  /** The second installation in the same database, once there is one. */
  second: FullLab | null = null;
  /** What a broken removal left behind. */
  readonly remains: string[] = [];
  /** Listeners of a channel that all installations share. */
  readonly channel: Set<() => void> = new Set();
  /** What a broken store leaves running, to be ended with the installation. */
  readonly leftRunning: (() => void)[] = [];
  installed: boolean;
  memory: MemoryStore;
  #rawRows = 0;
  readonly #locks = new Map<string, Promise<void>>();

  constructor(installed: boolean, first: FullLab | null = null) {
    this.installed = installed;
    this.first = first;
    this.memory = this.#empty();
  }

  #empty(): MemoryStore {
    return memoryStore({
      now: this.clock.now,
      historyRetentionMs: RETENTION.historyMs,
      receiptRetentionMs: RETENTION.receiptMs,
    });
  }

  begin(): ApplicationTransaction {
    return this.hooks.around(this.memory.begin());
  }

  /** Drops everything. */
  clear(): void {
    this.memory = this.#empty();
    this.drift.length = 0;
    this.installed = false;
  }

  /** What a client without this library writes. */
  async insertRaw(row: { topic: string; key: string | null; payload: string }): Promise<void> {
    const id = `raw-${++this.#rawRows}`;
    const message = { ...row, id, headers: {}, contentType: 'application/json', availableAt: null };
    await this.memory.append(undefined, [{ ...message, ordering: 'key' }], { autocommit: true });
  }

  /** Waits for the application's lock on `name`, which ends with the transaction. */
  async lock(transaction: ApplicationTransaction, name: string): Promise<void> {
    const before = this.#locks.get(name);
    let free = (): void => {};
    this.#locks.set(
      name,
      new Promise((resolve) => {
        free = resolve;
      }),
    );
    this.hooks.afterEnd(transaction.handle as object, () => free());
    await before;
  }
}
