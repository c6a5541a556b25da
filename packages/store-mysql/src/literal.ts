/**
 * Values as literals that mean the same on every connection.
 *
 * Appends run on connections of others, whose character set, `sql_mode` and driver options are not ours to choose:
 * under NO_BACKSLASH_ESCAPES an escaped quote ends a string, on a latin1 connection a parameter loses what latin1
 * lacks, and a library may look for placeholders in texts. A text is written between quotes when every character of
 * it is printable ASCII that means nothing anywhere; everything else is written as the hexadecimal digits of its
 * UTF-8 bytes.
 */
export type Literal = string;

/** Printable ASCII without the quote, the backslash and the mark of placeholders. */
const PLAIN = /^[\x20-\x26\x28-\x3e\x40-\x5b\x5d-\x7e]+$/;

/** A text, or NULL. */
export function text(value: string | null): Literal {
  if (value === null) return 'NULL';
  if (PLAIN.test(value)) return `_utf8mb4'${value}'`;
  return `_utf8mb4 X'${Buffer.from(value, 'utf8').toString('hex')}'`;
}

/** Bytes, or NULL. */
export function bytes(value: Uint8Array | null): Literal {
  if (value === null) return 'NULL';
  return `X'${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}'`;
}

/** A whole number. */
export function whole(value: number): Literal {
  if (!Number.isSafeInteger(value)) throw new RangeError(`Expected a whole number; got ${value}.`);
  return String(value);
}

const EARLIEST_MS = Date.UTC(1000, 0, 1);
const LATEST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** A time in UTC, or NULL. Times before the year 1000 and after 9999 have no place in the column type: the nearest. */
export function time(value: Date | null): Literal {
  if (value === null) return 'NULL';
  const ms = Math.min(Math.max(value.getTime(), EARLIEST_MS), LATEST_MS);
  return `'${new Date(ms).toISOString().replace('T', ' ').replace('Z', '')}'`;
}

/** A list for `IN (…)`; it must not be empty. */
export function list(values: readonly Literal[]): Literal {
  return `(${values.join(',')})`;
}

/** A number of milliseconds as an interval. */
export function milliseconds(value: number): Literal {
  return `INTERVAL ${whole(Math.round(value * 1_000))} MICROSECOND`;
}
