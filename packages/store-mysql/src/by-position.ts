import type { ClaimedMessage, RetrySettlement } from '@outrelay/core';
import { list, milliseconds, text, whole } from './literal.ts';
import { refOf } from './row.ts';

/** An expression that has another value for each of some positions. */
export function byPosition(values: readonly (readonly [ClaimedMessage, string])[]): string {
  const groups = new Map<string, string[]>();
  for (const [message, value] of values) {
    const group = groups.get(value) ?? [];
    group.push(whole(refOf(message).position));
    groups.set(value, group);
  }
  const [only] = groups.keys();
  if (groups.size === 1 && only !== undefined) return only;
  const cases = [...groups].map(([value, positions]) =>
    positions.length === 1
      ? `WHEN position = ${positions[0]} THEN ${value}`
      : `WHEN position IN ${list(positions)} THEN ${value}`,
  );
  return `CASE ${cases.join(' ')} END`;
}

/** The due times of retries, counted from `now`, which is a literal. */
export function delays(settlements: readonly RetrySettlement[], now: string): string {
  return byPosition(
    settlements.map(({ message, delayMs }) => [
      message,
      `CAST(${now} AS DATETIME(6)) + ${milliseconds(delayMs)}`,
    ]),
  );
}

/** The texts of failures. */
export function errors(
  settlements: readonly { readonly message: ClaimedMessage; readonly error: string }[],
): string {
  return byPosition(settlements.map(({ message, error }) => [message, text(error)]));
}
