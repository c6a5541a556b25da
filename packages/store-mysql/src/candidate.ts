import type { ReadRequest } from '@outrelay/core';

/** A message that a read could yield, before its content is loaded. */
export interface Candidate {
  readonly position: number;
  readonly partition: number;
  readonly topic: string;
  readonly key: string | null;
  /** Size of the payload. */
  readonly bytes: number;
  readonly delayed: boolean;
}

/** Columns of {@link candidateOf}. */
export const CANDIDATE_COLUMNS =
  'position, partition_no, topic, message_key, COALESCE(OCTET_LENGTH(payload), OCTET_LENGTH(payload_bytes), 0) AS bytes';

/** Reads {@link CANDIDATE_COLUMNS}, which begin at `from`. */
export function candidateOf(row: readonly unknown[], from: number, delayed: boolean): Candidate {
  return {
    position: row[from] as number,
    partition: row[from + 1] as number,
    topic: row[from + 2] as string,
    key: row[from + 3] as string | null,
    bytes: row[from + 4] as number,
    delayed,
  };
}

/** What a read found, before it decides. Both lists in order of position. */
export interface Candidates {
  readonly fresh: readonly Candidate[];
  readonly delayed: readonly Candidate[];
  /** The last position up to which the fresh rows were looked at; `Infinity` when there are no more. */
  readonly horizon: number;
}

/**
 * Chooses what to yield, in order of position.
 *
 * - A delayed message goes only when every fresh one before it goes too or was looked at and may not: a scheduled
 *   message whose time has come must not overtake an older one of its key. (A fresh one never overtakes a delayed one,
 *   because it counts as blocked by it.)
 * - At most `quota` delayed messages, so that a storm of retries does not starve fresh ones.
 * - At least one message when there is any, whatever its size.
 */
export function pick(
  { fresh, delayed, horizon }: Candidates,
  quota: number,
  limits: ReadRequest,
): Candidate[] {
  const picked: Candidate[] = [];
  let bytes = 0;
  let room = quota;
  let freshAt = 0;
  let delayedAt = 0;
  while (picked.length < limits.messages) {
    const nextFresh = fresh[freshAt];
    const nextDelayed = room > 0 ? delayed[delayedAt] : undefined;
    let next = nextFresh;
    if (nextDelayed !== undefined && nextDelayed.position < (nextFresh?.position ?? horizon))
      next = nextDelayed;
    if (next === undefined) break;
    bytes += next.bytes;
    if (picked.length > 0 && bytes > limits.bytes) break;
    picked.push(next);
    if (next === nextFresh) {
      freshAt++;
    } else {
      delayedAt++;
      room--;
    }
  }
  return picked;
}

/** A key that more than half of a list belongs to. */
export interface HotKey {
  readonly topic: string;
  readonly key: string;
}

/** Finds the key that more than half of the rows have, by the vote of Boyer and Moore; `null` when there is none. */
export function hotKey<T>(
  rows: readonly T[],
  topicOf: (row: T) => string,
  keyOf: (row: T) => string | null,
): HotKey | null {
  let topic = '';
  let key: string | null = null;
  let votes = 0;
  for (const row of rows) {
    const rowKey = keyOf(row);
    if (rowKey === null) continue;
    if (votes === 0) {
      topic = topicOf(row);
      key = rowKey;
    }
    votes += rowKey === key && topicOf(row) === topic ? 1 : -1;
  }
  if (key === null) return null;
  const count = rows.filter((row) => keyOf(row) === key && topicOf(row) === topic).length;
  return count * 2 > rows.length ? { topic, key } : null;
}
