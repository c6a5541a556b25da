/** The longest wait that an endpoint can ask for: 24 hours, in milliseconds. */
export const MAX_RETRY_AFTER_MS = 86_400_000;

/**
 * The wait that a `Retry-After` header asks for, in milliseconds and at most {@link MAX_RETRY_AFTER_MS}; `undefined`
 * without the header or with one that RFC 9110 (10.2.3) does not allow.
 *
 * @param date - the `Date` header of the same response: a wait between two times of one clock needs no agreement
 * between clocks
 * @param nowMs - what to measure from when there is no such header, in milliseconds since the epoch
 */
export function retryAfterMs(
  retryAfter: string | undefined,
  date: string | undefined,
  nowMs: number,
): number | undefined {
  const value = retryAfter?.trim() ?? '';
  if (/^\d+$/.test(value)) return Math.min(Number(value) * 1000, MAX_RETRY_AFTER_MS);
  const until = httpDateMs(value, nowMs);
  if (until === undefined) return undefined;
  const from = httpDateMs(date?.trim() ?? '', nowMs) ?? nowMs;
  return Math.min(Math.max(until - from, 0), MAX_RETRY_AFTER_MS);
}

/** The preferred form of an HTTP date and the two obsolete ones that a recipient has to know (RFC 9110, 5.6.7). */
const IMF_FIXDATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;
const RFC_850 = /^[A-Z][a-z]{5,8}, (\d{2}-[A-Z][a-z]{2}-)(\d{2})( \d{2}:\d{2}:\d{2} GMT)$/;
const ASCTIME = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;

function httpDateMs(value: string, nowMs: number): number | undefined {
  // `Date.parse` takes almost anything, and a text without a zone as local time: only the three forms reach it.
  let time = Number.NaN;
  if (IMF_FIXDATE.test(value)) time = Date.parse(value);
  else if (ASCTIME.test(value)) time = Date.parse(`${value} GMT`);
  else if (RFC_850.test(value)) time = Date.parse(value.replace(RFC_850, `$1${century(value, nowMs)}$2$3`));
  return Number.isNaN(time) ? undefined : time;
}

/** A year of two digits is the one at most 50 years ahead, or the last one before. */
function century(value: string, nowMs: number): number {
  const year = new Date(nowMs).getUTCFullYear();
  const ahead = Math.floor((year + 50) / 100);
  const digits = Number(RFC_850.exec(value)?.[2]);
  return ahead * 100 + digits > year + 50 ? ahead - 1 : ahead;
}
