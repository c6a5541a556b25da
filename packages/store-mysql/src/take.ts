import { FREE } from './due.ts';
import { list, milliseconds, text, whole } from './literal.ts';
import { NOW, type Tables } from './tables.ts';

/** Who takes partitions, and for how long. */
export interface Taker {
  readonly token: string;
  readonly relay: string;
  readonly leaseMs: number;
}

/**
 * The statement that takes those of some partitions that are free at this moment.
 *
 * The condition stands on the row that is updated: of two relays that take the same one, the second waits for the lock
 * and then finds it taken. The order of the assignments matters: MySQL computes each from what those before it wrote.
 * The first loss is forgiven, since processes end for many reasons. From the second in a row on, what the lost lease
 * had read is under suspicion, unless it is already known how many are.
 */
export function takeSql(
  { partitions }: Tables,
  { token, relay, leaseMs }: Taker,
  numbers: readonly number[],
): string {
  const own = text(token);
  return `UPDATE ${partitions} FORCE INDEX (PRIMARY) SET
    suspect_left = IF(released = 0 AND losses >= 1 AND suspect_left = 0, last_read, suspect_left),
    losses = losses + IF(released = 0, 1, 0),
    last_read = 0, token = ${own}, relay = ${text(relay)}, expires_at = ${NOW} + ${milliseconds(leaseMs)}, released = 0, wanted_by = NULL, wanted_at = NULL
    WHERE partition_no IN ${list(numbers.map(whole))} AND ${FREE} AND NOT (token <=> ${own} AND released = 0)`;
}

/** The statement that lists the partitions that are held under a token, in order. */
export function takenSql({ partitions }: Tables, token: string): string {
  return `SELECT partition_no FROM ${partitions} WHERE token = ${text(token)} AND released = 0 ORDER BY partition_no`;
}
