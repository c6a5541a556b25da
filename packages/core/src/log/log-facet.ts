import type { ClaimedMessage } from '../message.ts';
import type { ClaimRequest, Lease } from '../store.ts';

/**
 * A position in a database's log. Compared as numbers, never as texts: in PostgreSQL the 64 bits of an LSN
 * (https://www.postgresql.org/docs/current/datatype-pg-lsn.html).
 */
export type LogPosition = bigint;

/**
 * Carries messages by the database's own log, in the order of their commits: nothing has to ask for new ones.
 *
 * What a `pushStore` is made of. The tables stay the truth: the log tells early what was committed, and the message
 * leaves the outbox only when it is settled under the lease, like any other.
 */
export interface LogFacet {
  /**
   * Starts following from the confirmed position. One follower at a time: rejects with `LOG_IN_USE` while there is
   * another one, and with `LOG_MISSING` or `LOG_LOST` when there is nothing to follow.
   */
  follow(follower: LogFollower): Promise<LogStream>;
  /**
   * Takes a lease on everything that is free, also while nothing is due, and marks the rest as wanted; `null` when
   * others hold all of it.
   */
  hold(request: ClaimRequest): Promise<Lease | null>;
  /**
   * Says of each entry whether it may be published now, in a snapshot taken after the lease: the log may run ahead of
   * what others see, and repeats what was settled long ago.
   */
  admit(lease: Lease, entries: readonly LogEntry[]): Promise<readonly Admission[]>;
  /** Where the log stands; also while nobody follows it. */
  status(): Promise<LogStatus>;
  /** Creates what the log needs to be kept for a follower. From here on the database keeps its log until it is read. */
  create(): Promise<void>;
  /** Removes it, and with it the position. Does nothing when it is not there. */
  drop(): Promise<void>;
}

/**
 * Whether an entry may be published.
 *
 * - `go`: it is in the outbox, under this lease, and nothing of its key is before it in the delayed messages.
 * - `gone`: it has been settled.
 * - `blocked`: an earlier message of its key waits; it stays in the outbox.
 * - `elsewhere`: another relay holds its partition.
 * - `early`: its commit is in the log, but others do not see it yet. Ask again in a moment.
 */
export type Admission = 'go' | 'gone' | 'blocked' | 'elsewhere' | 'early';

/** A message in the log. */
export interface LogEntry {
  readonly message: ClaimedMessage;
  /** Bytes of its payload. */
  readonly bytes: number;
  /** The store's own knowledge of its transaction. */
  readonly transaction: unknown;
}

/** Receives what the log holds. */
export interface LogFollower {
  /** Messages of one transaction, all or some, in order. The log is read on when the answer resolves. */
  receive(entries: readonly LogEntry[]): Promise<void>;
  /** Everything up to here has been handed over: the end of a commit, or of what there is. */
  reached(position: LogPosition): void;
  /** The connection is gone. It is opened again; what was not confirmed comes again after `restored`. */
  lost(error: unknown): void;
  restored(): void;
  /** The following has ended for good, for example with `LOG_LOST`: only a new `follow` goes on. */
  ended(error: unknown): void;
}

/** A log that is being followed. */
export interface LogStream {
  /** Lets the database forget everything up to here. Never goes back; told to the database within seconds. */
  confirm(position: LogPosition): void;
  /** Ends the following; the last confirmation is told. */
  close(): Promise<void>;
}

/** The state of a log. */
export interface LogStatus {
  /** `lost`: the database has given up the position, and what came after it is in the tables only. */
  readonly state: 'missing' | 'idle' | 'followed' | 'lost';
  readonly confirmed: LogPosition | null;
  /** Bytes of log behind the end of it that are not confirmed; `null` without a position. */
  readonly behindBytes: number | null;
  /** Bytes that the database keeps for it, on disk. */
  readonly retainedBytes: number | null;
  /** What somebody should look at, for people; empty when all is well. */
  readonly warnings: readonly string[];
}
