import { type Checked, integer, number, readOptions } from '../settings.ts';

/** The longest wait that a message may be given, in milliseconds: 30 days. */
export const MAX_DELAY_MS = 2_592_000_000;

/** How often and how soon a failed message is tried again. */
export interface RetryOptions {
  /** Attempts before a message becomes a dead letter. Default: 20, about an hour and a half with the other defaults. */
  readonly maxAttempts?: number | undefined;
  /** Milliseconds before the second attempt. Default: 500. */
  readonly minDelayMs?: number | undefined;
  /** Longest wait in milliseconds. Default: 600,000 (ten minutes). */
  readonly maxDelayMs?: number | undefined;
  /** What each wait is multiplied by. Default: 2. */
  readonly factor?: number | undefined;
  /** The part of a wait that is left to chance, from 0 to 1, so that failures do not return in step. Default: 0.3. */
  readonly jitter?: number | undefined;
}

/** Checked {@link RetryOptions}. */
export type RetrySettings = Checked<RetryOptions>;

const DEFAULTS: RetrySettings = {
  maxAttempts: 20,
  minDelayMs: 500,
  maxDelayMs: 600_000,
  factor: 2,
  jitter: 0.3,
};

/** Reads retry options; absent ones come from `defaults`, else from the documented defaults. */
export function readRetry(
  owner: string,
  options: unknown,
  defaults: RetrySettings = DEFAULTS,
): RetrySettings {
  const settings = readOptions(owner, options === undefined ? {} : options, {
    maxAttempts: integer(defaults.maxAttempts, 1, 1_000_000),
    minDelayMs: integer(defaults.minDelayMs, 0, 86_400_000),
    maxDelayMs: integer(defaults.maxDelayMs, 0, MAX_DELAY_MS),
    factor: number(defaults.factor, 1, 100),
    jitter: number(defaults.jitter, 0, 1),
  });
  if (settings.minDelayMs > settings.maxDelayMs) {
    throw new TypeError(
      `${owner}: "minDelayMs" (${settings.minDelayMs}) must not exceed "maxDelayMs" (${settings.maxDelayMs}).`,
    );
  }
  return settings;
}

/**
 * Milliseconds to wait after a failed attempt: exponential up to the cap, shortened by chance.
 *
 * @param attempt - the number of the attempt that failed, from 1
 * @param unit - a random number from 0 to 1
 */
export function retryDelayMs(retry: RetrySettings, attempt: number, unit: number): number {
  // A huge attempt would make the power infinite, and no number times zero.
  const power = Math.min(Number.MAX_SAFE_INTEGER, retry.factor ** (attempt - 1));
  const wait = Math.min(retry.maxDelayMs, retry.minDelayMs * power);
  return Math.round(wait * (1 - retry.jitter * unit));
}
