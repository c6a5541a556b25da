import {
  type DeadLetter,
  type DeadLetterFilter,
  type DeadLetterRequest,
  type DeadReason,
  readOptions,
} from '@outrelay/core';
import type { PgRow } from './client.ts';
import {
  conditionOf,
  FILTER,
  idList,
  optionalBoolean,
  optionalOneOf,
  PAGE,
  textOrNothing,
  timeOrNothing,
} from './condition.ts';
import { whole } from './literal.ts';
import { CONTENT_WIDTH, contentColumns, headersOf, NO_HEADERS, payloadOf, timeOf } from './row.ts';
import { epochMs } from './tables.ts';

const LETTER_FILTER = {
  ...FILTER,
  reason: optionalOneOf<DeadReason>(['rejected', 'attempts-exhausted', 'undecodable']),
};

/** Checks a filter and turns it into a condition on unresolved dead letters. */
export function filterCondition(owner: string, filter: DeadLetterFilter): string {
  return toCondition(readOptions(owner, filter, LETTER_FILTER), false);
}

function toCondition(filter: DeadLetterFilter, resolved: boolean): string {
  const { ids, topic, key, reason, since, until } = filter;
  return conditionOf(resolved ? 'true' : 'resolved_at IS NULL', [
    ['id =', idList(ids)],
    ['topic =', textOrNothing(topic)],
    ['message_key =', textOrNothing(key)],
    ['reason =', textOrNothing(reason)],
    ['dead_at >=', timeOrNothing(since)],
    ['dead_at <', timeOrNothing(until)],
  ]);
}

/** A checked request for a page. */
export interface PageRequest {
  readonly condition: string;
  readonly limit: number;
  /** The number of the last letter of the page before. */
  readonly after: number;
}

/** Checks what `list` is asked. */
export function pageRequest(request: DeadLetterRequest): PageRequest {
  const { after, limit, resolved, ...filter } = readOptions('recovery.list', request, {
    ...LETTER_FILTER,
    ...PAGE,
    resolved: optionalBoolean,
  });
  return { condition: toCondition(filter, resolved === true), limit, after: Number(after ?? 0) };
}

/** The statement for up to `limit` dead letters after a number, in the order they died. */
export function lettersSql(table: string, { condition, limit, after }: PageRequest): string {
  return `SELECT ${contentColumns('d')}, d.dead_no, d.attempts, d.redrives, d.reason, d.blocking, ${epochMs('d.dead_at')}, ${epochMs('d.resolved_at')}, d.error FROM ${table} AS d WHERE d.dead_no > ${whole(after)} AND ${condition} ORDER BY d.dead_no LIMIT ${whole(limit)}`;
}

/** A dead letter with its number, from a row of {@link lettersSql}. */
export function letterOf(row: PgRow): { readonly number: number; readonly letter: DeadLetter } {
  const [number, attempts, redrives, reason, blocking, deadAt, resolvedAt, error] = row.slice(CONTENT_WIDTH);
  const isResolved = resolvedAt !== null && resolvedAt !== undefined;
  const letter: DeadLetter = {
    id: row[2] as string,
    topic: row[3] as string,
    key: row[4] ?? null,
    // What could not be decoded is the reason of some letters; the row keeps it as it is.
    headers: headersOf(row[7] as string) ?? NO_HEADERS,
    payload: payloadOf(row[8] ?? null, row[9] ?? null),
    contentType: row[5] as string,
    createdAt: timeOf(row[6]),
    attempts: Number(attempts),
    redrives: Number(redrives),
    reason: reason as DeadReason,
    error: error as string,
    blocking: blocking === 't' && !isResolved,
    deadAt: timeOf(deadAt),
    resolvedAt: isResolved ? timeOf(resolvedAt) : null,
  };
  return { number: Number(number), letter };
}
