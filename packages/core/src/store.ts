import type { StoreCapabilities } from './capabilities.ts';
import type { DiagnosisFacet } from './diagnosis.ts';
import type {
  InboxFacet,
  InspectionFacet,
  MaintenanceFacet,
  RecoveryFacet,
  SchemaFacet,
  SharingFacet,
  TransactionsFacet,
  WakeupsFacet,
} from './facets.ts';
import type { LogFacet } from './log/log-facet.ts';
import type { ClaimedMessage, NewMessage } from './message.ts';
import type { ParkingFacet } from './parking.ts';
import type { TopicFilter } from './topics.ts';

/** Whether a store's writes inside the caller's transaction have happened when the call returns. */
export type Mode = 'sync' | 'async';

/** A plain value from a synchronous store, a promise from an asynchronous one. */
export type Result<M extends Mode, T> = M extends 'sync' ? T : Promise<T>;

/**
 * A database that keeps messages in the caller's transaction and yields them to relays under leases.
 *
 * The one rule of leases: while a lease is held, no other lease yields a message whose topic and key this lease can
 * yield. How that is done (rows, partitions, one lock) is the store's business.
 *
 * Core validates messages, checks limits, maps errors, and guards the lifecycle around every store, so an
 * implementation may trust its input and stay small. The numbered clauses are in `spec/store.md`.
 *
 * @typeParam Tx - the transaction handles that `append` accepts
 * @typeParam M - `'sync'` for a store whose driver writes before the call returns
 * @typeParam Root - the handles accepted only together with {@link AppendOptions.autocommit}
 */
export interface OutboxStore<Tx = unknown, M extends Mode = Mode, Root = unknown> {
  /** The version of the contract that this store implements. */
  readonly spec: 1;
  /** Short name for logs and events, for example `sqlite`. */
  readonly name: string;
  readonly capabilities: StoreCapabilities;

  /**
   * Writes messages in the transaction of `tx`: they exist if and only if it commits.
   *
   * All or none are written, in order. Throws `TRANSACTION_REQUIRED`, `TRANSACTION_CLOSED` or `TRANSACTION_FOREIGN`
   * when the handle is no open transaction of this store, and leaves the caller's transaction usable when it refuses.
   */
  append(tx: Tx | Root, messages: readonly NewMessage[], options: AppendOptions): Result<M, AppendReport>;

  /**
   * Takes a lease on work that is due, or answers `null` when nothing is due or free for this relay.
   *
   * The lease is marked with the request's token. When the reply is lost, `release` by that token must free it.
   */
  claim(request: ClaimRequest): Promise<Lease | null>;

  /**
   * Yields due messages of the lease, each topic and key in order of position, without writing per message.
   *
   * A message is not yielded while an earlier one of its topic and key is unsettled or waits for a retry. Called
   * again only after everything it yielded was settled. At least one message when any is due, whatever `bytes` says.
   */
  read(lease: Lease, request: ReadRequest): Promise<readonly ClaimedMessage[]>;

  /**
   * Records outcomes, in one transaction, for as long as nobody has taken over the lease: also after its end.
   *
   * A message whose lease was superseded is reported in `lost` and left alone; one whose row is gone in
   * `alreadySettled`; one that this lease cannot have yielded in `unknown`.
   */
  settle(lease: Lease, settlements: Settlements): Promise<SettleReport>;

  /** Extends the lease to `leaseMs` milliseconds from now, all of it or nothing; `null` when it is not held any more. */
  renew(lease: Lease, leaseMs: number): Promise<RenewReport | null>;

  /**
   * Gives back what is held under the token; what was read and not settled is available at once, uncharged.
   *
   * Safe to repeat, and safe when it is not known whether the claim succeeded.
   */
  release(token: string): Promise<void>;

  /** Ends the store's own connections and timers; connections that the caller passed in stay open. Idempotent. */
  close(): Promise<void>;

  readonly transactions?: TransactionsFacet<Tx, M> | undefined;
  readonly sharing?: SharingFacet | undefined;
  readonly schema?: SchemaFacet | undefined;
  readonly wakeups?: WakeupsFacet | undefined;
  readonly inspection?: InspectionFacet | undefined;
  readonly recovery?: RecoveryFacet | undefined;
  readonly maintenance?: MaintenanceFacet | undefined;
  readonly inbox?: InboxFacet<Tx, M> | undefined;
  readonly parking?: ParkingFacet | undefined;
  readonly log?: LogFacet | undefined;
  readonly diagnosis?: DiagnosisFacet | undefined;
  /** `true`: a lease is kept while there is nothing to do, because messages arrive by themselves. Default: `false`. */
  readonly keepsLease?: boolean | undefined;
}

/** How an append treats the caller's handle. */
export interface AppendOptions {
  /**
   * `true` writes without a transaction of the caller: what the outbox exists to prevent, so it is asked for by name.
   * For messages that belong to no business write, for example from a command line.
   */
  readonly autocommit: boolean;
}

/** What an append wrote. */
export interface AppendReport {
  /** Ids that were pending already and therefore not written again (`duplicateIds: 'ignored'`); else empty. */
  readonly duplicates: readonly string[];
}

/** What a relay asks of {@link OutboxStore.claim}. */
export interface ClaimRequest {
  /** 128 random bits from core, as 32 hexadecimal digits. Compared for equality only. */
  readonly token: string;
  /** Name of the relay that asks, for people who look at the lease. */
  readonly relay: string;
  /** How long the lease is to last, in milliseconds of the database's clock. */
  readonly leaseMs: number;
  /** Topics this relay can publish now; nothing else counts as due. */
  readonly topics: TopicFilter;
}

/** Temporary sole right to yield and settle certain messages. */
export interface Lease {
  readonly token: string;
  /** The store's own knowledge about the lease; core hands it back untouched. */
  readonly state: unknown;
}

/** What a relay asks of {@link OutboxStore.read}. */
export interface ReadRequest {
  /** At most this many messages. */
  readonly messages: number;
  /** At most this many payload bytes, except that one message always fits. */
  readonly bytes: number;
  readonly topics: TopicFilter;
}

/** Why a message became a dead letter. */
export type DeadReason = 'rejected' | 'attempts-exhausted' | 'undecodable';

/** Outcomes of messages that one lease yielded, by kind, so that a store writes each kind with one statement. */
export interface Settlements {
  /** Published and confirmed: remove them, keep what the history setting asks for. */
  readonly accepted: readonly ClaimedMessage[];
  readonly retry: readonly RetrySettlement[];
  readonly dead: readonly DeadSettlement[];
  /** Not attempted: available again at once, nothing charged. */
  readonly returned: readonly ClaimedMessage[];
}

/** An attempt failed and another follows. */
export interface RetrySettlement {
  readonly message: ClaimedMessage;
  /** Milliseconds from now, by the database's clock, until the next attempt; its topic and key wait as long. */
  readonly delayMs: number;
  /** Text of the failure, for people. */
  readonly error: string;
}

/** No further attempt follows; the message is kept as a dead letter. */
export interface DeadSettlement {
  readonly message: ClaimedMessage;
  readonly reason: DeadReason;
  /** Text of the failure, for people. */
  readonly error: string;
  /** Whether later messages of the topic and key wait until somebody redrives or discards the dead letter. */
  readonly block: boolean;
}

/** What a settle recorded; ids of messages in every list. */
export interface SettleReport {
  /** How many messages were recorded as asked. */
  readonly settled: number;
  readonly alreadySettled: readonly string[];
  readonly lost: readonly string[];
  readonly unknown: readonly string[];
  /** Somebody else waits for a part of what this lease holds; see {@link SharingFacet}. */
  readonly wanted: boolean;
}

/** A lease after its renewal. */
export interface RenewReport {
  readonly lease: Lease;
  /** As in {@link SettleReport.wanted}. */
  readonly wanted: boolean;
}
