import { type Clock, systemClock } from '../clock.ts';
import { any, integer, readOptions } from '../settings.ts';

/** Options of `pushStore`. */
export interface PushOptions {
  /**
   * Milliseconds between looks into the tables, for what no log tells of: retries and scheduled messages that fall due,
   * redriven letters, and whatever a lost log did not carry. Default: 1,000.
   */
  readonly sweepMs?: number | undefined;
  /** Messages that are read ahead from the log. Default: 10,000. */
  readonly windowMessages?: number | undefined;
  /** Bytes of payload that are read ahead. Default: 16 MiB; a larger single message still passes. */
  readonly windowBytes?: number | undefined;
  /** Milliseconds between attempts of a standby to become the follower, or to find a lost log again. Default: 500. */
  readonly standbyMs?: number | undefined;
  /** Default: the system's. Replaced in tests. */
  readonly clock?: Clock | undefined;
}

/** Checked {@link PushOptions}. */
export interface PushSettings {
  readonly sweepMs: number;
  readonly windowMessages: number;
  readonly windowBytes: number;
  readonly standbyMs: number;
  readonly clock: Clock;
}

const HOUR_MS = 3_600_000;

/** Checks the options of `pushStore`; throws a `TypeError` that names the wrong one. */
export function readPushOptions(options: PushOptions): PushSettings {
  return readOptions('pushStore', options, {
    sweepMs: integer(1_000, 10, HOUR_MS),
    windowMessages: integer(10_000, 1, 1_000_000),
    windowBytes: integer(16 * 1024 * 1024, 1, Number.MAX_SAFE_INTEGER),
    standbyMs: integer(500, 10, HOUR_MS),
    clock: (value, name) => any<Clock>(systemClock)(value, name),
  });
}
