/** The state of an endurance run at one moment. */
export interface Moment {
  /** Seconds since the beginning. */
  readonly atS: number;
  /** Orders written, and arrived at the consumer. */
  readonly written: number;
  readonly arrived: number;
  /** The largest resident memory of a relay, in MiB. */
  readonly residentMib: number;
  /** What the database takes on disk, in MiB. */
  readonly databaseMib: number;
  /** Milliseconds of calls on the store; `null` when there was none in the time before. */
  readonly claimMs: number | null;
  readonly readMs: number | null;
  readonly settleMs: number | null;
  /** The slowest of a hundred settles. */
  readonly settleP99Ms: number | null;
}

/** Something that was done to the run. */
export interface Incident {
  readonly atS: number;
  readonly what: 'kill' | 'snapshot' | 'snapshot-end';
}

/** An endurance run, as it is kept. */
export interface EnduranceRecord {
  readonly database: string;
  readonly broker: string;
  readonly node: string;
  readonly minutes: number;
  readonly perSecond: number;
  readonly relays: number;
  readonly written: number;
  readonly arrived: number;
  readonly duplicates: number;
  /** What was wrong with the ledger; empty when all is well. */
  readonly faults: readonly string[];
  readonly moments: readonly Moment[];
  readonly incidents: readonly Incident[];
}
