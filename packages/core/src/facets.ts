import type { Headers, Payload } from './message.ts';
import type { DeadReason, Lease, Mode, Result } from './store.ts';

/*
 * Facets are what a store may offer beyond the contract. A facet is whole or absent: a caller asks for its presence,
 * never for the behaviour of a method that might throw "unsupported".
 */

/** Opens transactions on the store's own connections, for callers that have none: command line, inbox, tests. */
export interface TransactionsFacet<Tx, M extends Mode> {
  /**
   * Runs `work` in a new transaction; commits when it returns, rolls back when it throws, and passes the error on.
   *
   * Where the database refuses at once what would wait elsewhere, `work` may run again from its start in another
   * transaction when this one lost against somebody else's.
   */
  run<T>(work: (tx: Tx) => Result<M, T>): Promise<T>;
}

/** Divides the work of a store between the lanes and relays that ask for it. */
export interface SharingFacet {
  /**
   * Gives a fair part of the lease to those who wait and answers with what is left of it, or `null` for nothing.
   *
   * Called after a report said `wanted`, when everything that was read has been settled.
   */
  handOver(lease: Lease): Promise<Lease | null>;
  /**
   * Takes what is free into the lease, under its token, and answers with the wider lease: what a relay that stopped
   * gave back must not wait for a holder that is never idle. Writes nothing when nothing is free.
   */
  widen(lease: Lease, request: WidenRequest): Promise<Lease>;
}

/** What a relay asks of {@link SharingFacet.widen}. */
export interface WidenRequest {
  /** Name of the relay that asks, for people who look at the lease. */
  readonly relay: string;
  /** How long the added part is to last, in milliseconds of the database's clock. */
  readonly leaseMs: number;
}

/** Creates and inspects the tables or collections of the outbox. */
export interface SchemaFacet {
  status(): Promise<SchemaStatus>;
  /** The steps that {@link SchemaFacet.apply} would take, in order. */
  plan(): Promise<readonly MigrationStep[]>;
  /** Takes the missing steps and answers with them. Several processes may call it at once. */
  apply(): Promise<readonly MigrationStep[]>;
  /** Drops everything the schema ever created, with all messages in it. */
  remove(): Promise<void>;
}

/** How the schema in the database stands to the schema this package knows. */
export interface SchemaStatus {
  /** Version in the database; 0 when nothing is installed. */
  readonly installed: number;
  /** Version this package would migrate to. */
  readonly latest: number;
  /** Whether this package can work with what is installed, be it older or newer. */
  readonly compatible: boolean;
  /** Differences between what the installed version should look like and what is there, for people; empty when none. */
  readonly drift: readonly string[];
}

/** One numbered change of the schema. */
export interface MigrationStep {
  readonly version: number;
  readonly name: string;
  /** What is sent to the database, in order. */
  readonly statements: readonly string[];
}

/** Hints that something was committed. They shorten the wait between polls, and each of them may be lost. */
export interface WakeupsFacet {
  /** Starts listening; reconnects by itself until closed. */
  listen(listener: WakeupListener): Promise<WakeupSubscription>;
}

/** Receives hints and the state of the listening itself. */
export interface WakeupListener {
  /** Something may be due. Never called for a rolled-back transaction; a burst may arrive as one call. */
  wake(): void;
  /** The source of hints failed; polling goes on and the source reconnects. */
  lost(error: unknown): void;
  /** Hints flow again after `lost`. */
  restored(): void;
}

/** Listening that can be ended. */
export interface WakeupSubscription {
  close(): Promise<void>;
}

/** Looks into the outbox without changing it. */
export interface InspectionFacet {
  status(request?: StatusRequest): Promise<OutboxStatus>;
  /** Where the message with this id is, newest first when the id was used more than once; empty when unknown. */
  find(id: string): Promise<readonly MessageTrace[]>;
}

/** Limits of a status call. */
export interface StatusRequest {
  /** Counting stops here and the count is marked as inexact. Default: 10,000. */
  readonly countLimit?: number | undefined;
}

/** A number that may be the limit at which counting stopped. */
export interface BoundedCount {
  readonly value: number;
  /** `false`: there are at least `value`. */
  readonly exact: boolean;
}

/** The state of an outbox at one moment. */
export interface OutboxStatus {
  /** Sorted by topic; only topics that have messages of some kind. */
  readonly topics: readonly TopicStatus[];
  /** Who holds leases now. */
  readonly holders: readonly LeaseHolder[];
}

/** The state of one topic. */
export interface TopicStatus {
  readonly topic: string;
  /** Messages that could be published now. */
  readonly pending: BoundedCount;
  /** Messages that wait: for a retry, for their time, or behind an earlier one of their key. */
  readonly waiting: BoundedCount;
  readonly dead: BoundedCount;
  /**
   * Age of the oldest message that should have been published by now, in milliseconds; `null` when there is none.
   * A scheduled message counts from its time, every other one from its append.
   */
  readonly lagMs: number | null;
}

/** A relay that holds a part of the outbox. */
export interface LeaseHolder {
  readonly relay: string;
  /** The part of the store it holds, above 0 and up to 1. */
  readonly share: number;
  /** Milliseconds until its first lease ends unless renewed. */
  readonly expiresInMs: number;
}

/** What is known of one message, without its payload. */
export interface MessageTrace {
  readonly id: string;
  readonly topic: string;
  readonly key: string | null;
  readonly state: 'pending' | 'waiting' | 'dead' | 'sent';
  readonly createdAt: Date;
  /** Attempts that were charged so far; for a sent message all of them. */
  readonly attempts: number;
  /** When it was sent or became a dead letter, or when it is due; `null` for one that is pending. */
  readonly at: Date | null;
  readonly error: string | null;
}

/** Reads and resolves dead letters. */
export interface RecoveryFacet {
  /** Dead letters in the order they died, a page at a time. */
  list(request?: DeadLetterRequest): Promise<DeadLetterPage>;
  /**
   * Puts dead letters back, attempts reset, at their old place in their key's order. A new deduplication id makes sure
   * that the broker really takes them. Takes the oldest `limit` letters and answers with the number; a letter that was
   * redriven already is not counted.
   */
  redrive(filter: DeadLetterFilter, limit: number): Promise<number>;
  /**
   * Appends a corrected copy under a new id at the end of its key's order and keeps the original, marked as redriven.
   * Answers with the new id, or `null` when there is no unresolved dead letter with this id. What the edit gives has
   * been checked like a message: `MESSAGE_INVALID`, `MESSAGE_TOO_LARGE`.
   */
  redriveEdited(id: string, edit: DeadLetterEdit): Promise<string | null>;
  /**
   * Gives the oldest `limit` dead letters up for good, which also lets their keys go on when they were blocked.
   * Answers with the number.
   */
  discard(filter: DeadLetterFilter, limit: number): Promise<number>;
}

/** Chooses dead letters; every given field must match. */
export interface DeadLetterFilter {
  readonly ids?: readonly string[] | undefined;
  readonly topic?: string | undefined;
  readonly key?: string | undefined;
  readonly reason?: DeadReason | undefined;
  /** Died at or after this time. */
  readonly since?: Date | undefined;
  /** Died before this time. */
  readonly until?: Date | undefined;
}

/** One page of dead letters. */
export interface DeadLetterRequest extends DeadLetterFilter {
  /** The `next` of the page before. Default: the first page. */
  readonly after?: string | undefined;
  /** Default: 100; at most 1,000. */
  readonly limit?: number | undefined;
  /** Whether letters that were redriven with an edit are listed too. Default: `false`. */
  readonly resolved?: boolean | undefined;
}

/** Dead letters and where to go on. */
export interface DeadLetterPage {
  readonly letters: readonly DeadLetter[];
  /** `null` on the last page. */
  readonly next: string | null;
}

/** What is kept of a message that will not be tried again by itself. */
export interface DeadLetter {
  readonly id: string;
  readonly topic: string;
  readonly key: string | null;
  readonly headers: Headers;
  readonly payload: Payload;
  readonly contentType: string;
  readonly createdAt: Date;
  readonly deadAt: Date;
  readonly reason: DeadReason;
  readonly error: string;
  readonly attempts: number;
  /** How often it has been redriven before. */
  readonly redrives: number;
  /** Whether later messages of its topic and key wait for its resolution. */
  readonly blocking: boolean;
  /** When a corrected copy took its place; `null` while it is unresolved. */
  readonly resolvedAt: Date | null;
}

/** What a corrected copy has instead of the original's; absent fields are kept. */
export interface DeadLetterEdit {
  readonly payload?: Payload | undefined;
  readonly headers?: Headers | undefined;
  readonly contentType?: string | undefined;
  readonly topic?: string | undefined;
}

/** Removes what nobody needs any more. */
export interface MaintenanceFacet {
  /**
   * Removes history, receipts and counts of attempts (those by the retention of receipts) older than the store's
   * retention settings, at most `limit` rows in one short transaction. Several calls at once neither block nor deadlock each other.
   */
  purge(request: PurgeRequest): Promise<PurgeReport>;
}

/** Bounds one purge. */
export interface PurgeRequest {
  readonly limit: number;
}

/** What one purge did. */
export interface PurgeReport {
  readonly removed: number;
  /** Whether the limit was reached, so that another call finds more. */
  readonly more: boolean;
}

/** Remembers which consumer has processed which message. */
export interface InboxFacet<Tx, M extends Mode> {
  /**
   * Records the receipt in the transaction of `tx` and answers `true`, or `false` when it is there already.
   *
   * While another transaction that records the same receipt is open, it waits for its end. The caller's transaction
   * stays usable either way.
   */
  record(tx: Tx, receipt: Receipt): Result<M, boolean>;
}

/** Names one processing of one message. */
export interface Receipt {
  /** Name of the consumer, at most 255 bytes: every consumer of a message has a receipt of its own. */
  readonly consumer: string;
  readonly messageId: string;
}
