import type { OutboxStore, StoreCapabilities } from '@outrelay/core';
import type { StoreFacetName } from '../manifest.ts';
import type { HarnessBase, Restore } from './harness.ts';
import type { StorePowers } from './store-powers.ts';

/**
 * What the suite needs to know of a store and its database.
 *
 * @typeParam I - the installation as the harness makes it, for its own powers
 */
export interface StoreHarness<I extends StoreInstallation = StoreInstallation> extends HarnessBase {
  readonly kind: 'store';
  /** The manifest that the adapter's package exports. */
  readonly capabilities: StoreCapabilities;
  /** Facets that the store offers. */
  readonly facets: readonly StoreFacetName[];
  /**
   * Makes a place of its own for one clause: a database, schema, file or prefix that nobody else uses. Retentions of
   * history and receipts are to be what {@link StorePowers.retention} says, history is to be kept.
   */
  open(request: OpenRequest): Promise<I>;
  /** What the harness can do besides. A clause that needs more is reported as not exercised. Default: nothing. */
  readonly powers?: StorePowers<I> | undefined;
  /**
   * Tells whether a transaction of the application failed because it lost against another one, and is to be run again
   * from its start. For databases that refuse at once where others let one wait. Default: nothing is.
   */
  isConflict?(error: unknown): boolean;
  /** Rows that stand for "however many" (S3.12). Default: 5,000. */
  readonly manyRows?: number | undefined;
}

/** How a place for a clause is made. */
export interface OpenRequest {
  /** `'installed'`: tables or collections are there. `'absent'`: the database is empty, S9 creates them. */
  readonly schema: 'installed' | 'absent';
}

/** One outbox in one database, and the application beside it. */
export interface StoreInstallation {
  /**
   * Opens a store on this installation, unguarded, with connections of its own, as one more process would. The suite
   * closes it.
   */
  connect(): OutboxStore | Promise<OutboxStore>;
  /** Opens a transaction of the application, waiting for as long as another one keeps it out. */
  begin(): Promise<ApplicationTransaction>;
  /** Answers with a handle on which no transaction is open: a pool, a connection, or whatever the store calls so. */
  rootHandle(): unknown;
  /**
   * Lets the database's clock go on by `ms`, or moves all stored times back by as much. Default: the suite waits, and
   * asks for leases of two seconds instead of thirty.
   */
  elapse?(ms: number): Promise<void>;
  /** The time by the database's clock. Default: the time of this process. */
  now?(): Promise<Date>;
  /** Removes everything the installation put into the database and closes what {@link begin} opened. */
  remove(): Promise<void>;
}

/** A transaction as the application would open it, with the driver or ORM that the store is for. */
export interface ApplicationTransaction {
  /** What `append` and `record` are given. */
  readonly handle: unknown;
  /** Commits; on a synchronous driver before it returns. */
  commit(): Promise<void>;
  rollback(): Promise<void>;
  /** Sets a savepoint; the answer rolls back to it. Needed when the store declares `savepoints: 'supported'`. */
  savepoint?(): Promise<Restore>;
}
