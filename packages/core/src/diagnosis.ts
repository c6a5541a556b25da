/** Says what about the database and its settings keeps a store from working as it should, for people. */
export interface DiagnosisFacet {
  /**
   * Examines what the store depends on: version, settings and rights of the database, the state of its tables.
   *
   * Changes nothing, and answers also where the schema is not installed. What could not be asked is a warning that says
   * what is missing; rejects only when the database as a whole does not answer.
   */
  examine(request?: ExamineRequest): Promise<readonly Finding[]>;
}

/** What {@link DiagnosisFacet.examine} is to look at. */
export interface ExamineRequest {
  /** Whether the log of the database is to be followed (`pushStore`), which needs more of it. Default: `false`. */
  readonly push?: boolean | undefined;
}

/**
 * What one check found.
 *
 * - `good`: as it should be.
 * - `warning`: it works, but something is slower, less safe or less sure than it could be.
 * - `fault`: something does not work, or messages can be lost, delayed without end or delivered out of order.
 */
export type Finding = GoodFinding | BadFinding;

/** A check that is passed. */
export interface GoodFinding {
  /** What was checked, in lower case with hyphens; different from that of every other finding of the store. */
  readonly check: string;
  readonly verdict: 'good';
  /** What was seen. Never a secret, never a payload. */
  readonly seen: string;
}

/** A check that is not passed. */
export interface BadFinding {
  readonly check: string;
  readonly verdict: 'warning' | 'fault';
  readonly seen: string;
  /** What it should be, and why. */
  readonly expected: string;
  /** What to do: the very command, statement or line of a configuration where there is one. */
  readonly remedy: string;
}

/** What a {@link BadFinding} says besides the name of its check. */
export type Complaint = Omit<BadFinding, 'check' | 'verdict'>;

/** A check that is passed. */
export function good(check: string, seen: string): GoodFinding {
  return { check, verdict: 'good', seen };
}

/** A check with something that could be better. */
export function warning(check: string, complaint: Complaint): BadFinding {
  return { check, verdict: 'warning', ...complaint };
}

/** A check with something that does not work. */
export function fault(check: string, complaint: Complaint): BadFinding {
  return { check, verdict: 'fault', ...complaint };
}

/** A clock that is further off than this is a finding, in milliseconds. */
const MAX_SKEW_MS = 2_000;

/**
 * Compares the clock of this process with that of the database. Leases and due times are the database's alone; what an
 * application schedules with `availableAt` is of its own clock.
 *
 * @param databaseMs - what the database said, in milliseconds since 1970
 * @param askedAtMs - when this process asked it
 * @param answeredAtMs - when the answer arrived; the database's moment is anywhere in between
 */
export function clockFinding(databaseMs: number, askedAtMs: number, answeredAtMs: number): Finding {
  const skewMs = Math.max(0, databaseMs - answeredAtMs) - Math.max(0, askedAtMs - databaseMs);
  const apart = Math.abs(skewMs);
  if (apart <= MAX_SKEW_MS) return good('clock', 'this machine and the database agree');
  return warning('clock', {
    seen: `the clock of this machine is ${(apart / 1_000).toFixed(1)} s ${skewMs > 0 ? 'behind' : 'ahead of'} that of the database`,
    expected: `less than ${MAX_SKEW_MS / 1_000} s apart: an application on this machine schedules messages (availableAt) by its own clock`,
    remedy: 'Let both machines set their clocks by NTP, for example: timedatectl set-ntp true',
  });
}
