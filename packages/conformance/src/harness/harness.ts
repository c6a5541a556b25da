/** What the harnesses of stores and transports have in common. */
export interface HarnessBase {
  /** Name of the adapter in reports, with what it runs on: `store-postgres on PostgreSQL 15`. */
  readonly name: string;
  /**
   * Clauses the adapter is known to break. They run all the same and must fail: a deviation that is not one any more
   * is itself a failure. Default: none.
   */
  readonly deviations?: readonly Deviation[] | undefined;
  readonly waits?: Waits | undefined;
}

/** A known defect of an adapter. */
export interface Deviation {
  /** Number of the clause, for example `S5.8`. */
  readonly clause: string;
  /** One case of the clause. Default: all of them. */
  readonly case?: string | undefined;
  /** What the adapter does instead, and why it cannot do better for now. */
  readonly reason: string;
  /** Where the defect is tracked: an address or a number. */
  readonly issue: string;
}

/** How long the suite waits for an adapter. None of them decides a clause that the adapter keeps. */
export interface Waits {
  /** Milliseconds that something expected may take to happen. Default: 10,000. */
  readonly patienceMs?: number | undefined;
  /** Milliseconds of watching that something does not happen. Default: 250. */
  readonly quietMs?: number | undefined;
  /** Milliseconds after which a clause is given up and fails. Default: 120,000. */
  readonly clauseMs?: number | undefined;
}

/** Undoes what a power did. */
export type Restore = () => Promise<void>;
