import { UsageError } from '../usage-error.ts';
import type { Reader } from './option.ts';

/** Any text but the empty one. */
export const text: Reader<string> = (given, name) => {
  if (given !== '') return given;
  throw new UsageError(`${name} must not be empty.`);
};

/** A URL, of which only the scheme is looked at here. A wrong one is not shown: it may hold a password. */
export const url: Reader<string> = (given, name) => {
  if (/^[a-z][a-z0-9+.-]*:/i.test(given)) return given;
  throw new UsageError(
    `${name} must be a URL that begins with a scheme, such as sqlite:shop.db or https://example.com/hook.`,
  );
};

/** A whole number within bounds. */
export function wholeNumber(min: number, max: number): Reader<number> {
  return (given, name) => {
    const number = Number(given);
    if (/^\d{1,15}$/.test(given) && number >= min && number <= max) return number;
    throw new UsageError(`${name} must be a whole number from ${min} to ${max}; got "${given}".`);
  };
}

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** A length of time with its unit, as milliseconds. */
export const duration: Reader<number> = (given, name) => {
  const ms = durationMs(given);
  if (ms !== null) return ms;
  const missing = /^\d+$/.test(given) ? '; the unit is missing' : '';
  throw new UsageError(
    `${name} must be a whole number with a unit, such as 500ms, 60s, 5m, 2h or 7d; got "${given}"${missing}.`,
  );
};

/** A length of time that is no longer than another one. */
export function durationUpTo(longest: string): Reader<number> {
  return (given, name) => {
    const ms = duration(given, name);
    if (ms <= (durationMs(longest) ?? 0)) return ms;
    throw new UsageError(`${name} must be at most ${longest}; got "${given}".`);
  };
}

/** A point in time: a date, a date with time and zone, or how long ago. */
export const instant: Reader<Date> = (given, name) => {
  const ago = durationMs(given);
  if (ago !== null) return new Date(Date.now() - ago);
  const time = ISO_INSTANT.test(given) ? new Date(given) : null;
  if (time !== null && !Number.isNaN(time.getTime())) return time;
  throw new UsageError(
    `${name} must be a time such as 2026-03-01, 2026-03-01T12:30Z or 2026-03-01T12:30:00+02:00, or how long ago, such as 2h; got "${given}".`,
  );
};

/** Without a zone the time would depend on where the command runs; a date alone is UTC. */
const ISO_INSTANT = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/;

/** Texts separated by commas. */
export const commaSeparated: Reader<readonly string[]> = (given, name) => {
  const parts = given.split(',').map((part) => part.trim());
  if (parts.every((part) => part !== '')) return parts;
  throw new UsageError(`${name} must be one or more names separated by commas; got "${given}".`);
};

/** `NAME=VALUE`. The value is not shown in errors: it may be a secret. */
export const assignment: Reader<readonly [name: string, value: string]> = (given, name) => {
  const at = given.indexOf('=');
  if (at > 0) return [given.slice(0, at), given.slice(at + 1)];
  throw new UsageError(`${name} must have the form NAME=VALUE, for example ${name} concurrency=8.`);
};

/** `TOPIC=URL`. The URL is not shown in errors: it may hold a password. */
export const route: Reader<readonly [pattern: string, url: string]> = (given, name) => {
  const at = given.indexOf('=');
  if (at > 0)
    return [given.slice(0, at), url(given.slice(at + 1), `The URL of ${name} ${given.slice(0, at)}`)];
  throw new UsageError(
    `${name} must have the form TOPIC=URL, for example ${name} 'order.*=https://a.example/hook'.`,
  );
};

/** One of the given words. */
export function oneOf<T extends string>(...words: readonly T[]): Reader<T> {
  return (given, name) => {
    if (words.includes(given as T)) return given as T;
    throw new UsageError(`${name} must be one of ${words.join(', ')}; got "${given}".`);
  };
}

function durationMs(given: string): number | null {
  const [, digits, unit] = /^(\d{1,12})(ms|s|m|h|d)$/.exec(given) ?? [];
  return digits === undefined || unit === undefined ? null : Number(digits) * (UNITS_MS[unit] as number);
}
