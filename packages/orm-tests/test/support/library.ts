import type { InboxFacet, OutboxStore, SchemaFacet, StoreCapabilities } from '@outrelay/core';
import type { Application } from './application.ts';

/** One library on one kind of database. */
export interface Library<Tx = unknown, Root = unknown> {
  /** For titles: `Drizzle with postgres.js`. */
  readonly name: string;
  open(url: string): Application<Tx, Root> | Promise<Application<Tx, Root>>;
  /** Makes the library's transaction what the store takes. */
  handle(tx: Tx): unknown;
  /** What people take for a transaction, and what the refusal says that it is. */
  mistakes(application: Application<Tx, Root>): readonly Mistake[];
}

/** A handle without transaction that somebody may pass. */
export interface Mistake {
  readonly handle: unknown;
  readonly told: RegExp;
}

/** A store of the kind under test, as far as the tests use it. */
export interface TestedStore extends OutboxStore<unknown, 'async'> {
  readonly schema: SchemaFacet;
  readonly inbox: InboxFacet<unknown, 'async'>;
}

/** How a test wants a store. */
export interface StoreRequest {
  /** Keeps the installations in one database apart. */
  readonly name: string;
  readonly historyRetentionMs?: number;
  readonly receiptRetentionMs?: number;
}

/** A kind of database on a shared server. */
export interface Server {
  readonly capabilities: StoreCapabilities;
  /** A store that leads nowhere, to look at. */
  sample(): TestedStore;
  createDatabase(): Promise<TestDatabase>;
}

/** A database of a test's own. */
export interface TestDatabase {
  /** Where the libraries find it. */
  readonly url: string;
  /** What the store takes for `autocommit`. */
  readonly root: unknown;
  store(request: StoreRequest): TestedStore;
  /** Ids of the rows of the application. */
  orders(): Promise<readonly string[]>;
  drop(): Promise<void>;
}
