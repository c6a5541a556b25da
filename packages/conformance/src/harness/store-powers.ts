import type { Restore } from './harness.ts';
import type { ApplicationTransaction, StoreInstallation } from './store-harness.ts';

/**
 * What a harness can do besides the minimum. Each is optional, and each that is missing leaves clauses unproven, which
 * the report says by clause.
 */
export interface StorePowers<I extends StoreInstallation = StoreInstallation> {
  /** `true` when two transactions of the application can have written at the same time. */
  readonly concurrentWriters?: true | undefined;
  /** Milliseconds after which history and receipts may be purged, as the installation's stores are configured. */
  readonly retention?: { readonly historyMs: number; readonly receiptMs: number } | undefined;
  /** Writes a row as a client without this library would: topic, key and payload, nothing else; commits. */
  insertRaw?(installation: I, row: RawRow): Promise<void>;
  /** Damages the stored row of a message so that it cannot be turned into one, for example its headers. */
  corruptRow?(installation: I, id: string): Promise<void>;
  /** Makes the database refuse the row of a message with this id, by a trigger or a check. */
  refuseRow?(installation: I, id: string): Promise<void>;
  /** Takes the lock by which the application guards `name`, in its transaction; waits until it is free. */
  lockKey?(transaction: ApplicationTransaction, name: string): Promise<void>;
  /** Cuts every connection that stores have open, as an administrator or a firewall would. */
  killConnections?(installation: I): Promise<void>;
  /** Makes the database unreachable for stores until the answer is called. */
  outage?(installation: I): Promise<Restore>;
  /**
   * Stops the next call of the verb somewhere between its first statement and its commit. `reached` resolves when it
   * has stopped, `resume` lets it go on.
   */
  pauseAt?(installation: I, verb: PausableVerb): Promise<Pause>;
  /** Sets the clock of the relay's machine off by `offsetMs`; see {@link shiftDate}. */
  wrongClock?(installation: I, offsetMs: number): Promise<Restore>;
  /** Makes another outbox in the same database, with a name in mixed case where the store takes one. */
  secondInstallation?(installation: I): Promise<StoreInstallation>;
  /** Appends a message in a process of its own and kills the process right after the commit. */
  appendAndDie?(installation: I, message: { readonly id: string; readonly topic: string }): Promise<void>;
  /** Applies the schema in so many processes at once. */
  applyInProcesses?(installation: I, count: number): Promise<void>;
  /** Changes the schema by hand, so that it is not what the installed version should look like. */
  changeSchema?(installation: I): Promise<void>;
  /** Names everything the schema ever created and that is still there; empty after its removal. */
  leftovers?(installation: I): Promise<readonly string[]>;
}

/** What a producer in any language writes. */
export interface RawRow {
  readonly topic: string;
  readonly key: string | null;
  readonly payload: string;
}

/** Verbs that a harness may stop in their middle. */
export type PausableVerb = 'claim' | 'read' | 'settle' | 'renew' | 'release' | 'purge';

/** A verb that was stopped. */
export interface Pause {
  readonly reached: Promise<void>;
  resume(): void;
}

/** Name of a power. */
export type StorePower = keyof StorePowers;
