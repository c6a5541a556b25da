import {
  type DeadLetter,
  type DeadLetterFilter,
  type DeadLetterRequest,
  type DeadReason,
  readOptions,
} from '@outrelay/core';
import type { SqliteRow } from './client.ts';
import {
  type Condition,
  conditionOf,
  FILTER,
  idCondition,
  optionalBoolean,
  optionalOneOf,
  PAGE,
} from './condition.ts';
import type { Session } from './connection.ts';
import { CONTENT_COLUMNS, headersOf, NO_HEADERS, payloadOf } from './row.ts';

const REASONS: readonly DeadReason[] = ['rejected', 'attempts-exhausted', 'undecodable'];

const LETTER_FILTER = { ...FILTER, reason: optionalOneOf(REASONS) };

/** Checks a filter and turns it into a condition on unresolved dead letters. */
export function filterCondition(owner: string, filter: DeadLetterFilter): Condition {
  return toCondition(readOptions(owner, filter, LETTER_FILTER), false);
}

function toCondition(filter: DeadLetterFilter, resolved: boolean): Condition {
  const { ids, topic, key, reason, since, until } = filter;
  return conditionOf(resolved ? 'TRUE' : 'resolved_at IS NULL', [
    idCondition(ids),
    ['topic = ?', topic],
    ['message_key = ?', key],
    ['reason = ?', reason],
    ['dead_at >= ?', since?.getTime()],
    ['dead_at < ?', until?.getTime()],
  ]);
}

/** A checked request for a page. */
export interface PageRequest {
  readonly condition: Condition;
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

const COLUMNS = `dead_no, ${CONTENT_COLUMNS}, attempts, redrives, reason, blocking, dead_at, resolved_at, error`;

/** Reads up to `limit` dead letters after a number, in the order they died, each with its number. */
export function lettersOf(
  session: Session,
  table: string,
  { condition, limit, after }: PageRequest,
): readonly { readonly number: number; readonly letter: DeadLetter }[] {
  const sql = `SELECT ${COLUMNS} FROM ${table} WHERE dead_no > ? AND ${condition.sql} ORDER BY dead_no LIMIT ?`;
  return session
    .rows(sql, after, ...condition.parameters, limit)
    .map((row) => ({ number: row[0] as number, letter: letterOf(row) }));
}

function letterOf(row: SqliteRow): DeadLetter {
  const [attempts, redrives, reason, blocking, deadAt, resolvedAt, error] = row.slice(8) as [
    number,
    number,
    DeadReason,
    number,
    number,
    number | null,
    string,
  ];
  return {
    id: row[1] as string,
    topic: row[2] as string,
    key: row[3] as string | null,
    // What could not be decoded is the reason of some letters; the row keeps it as it is.
    headers: headersOf(row) ?? NO_HEADERS,
    payload: payloadOf(row) ?? null,
    contentType: row[4] as string,
    createdAt: new Date(row[5] as number),
    attempts,
    redrives,
    reason,
    error,
    blocking: blocking === 1 && resolvedAt === null,
    deadAt: new Date(deadAt),
    resolvedAt: resolvedAt === null ? null : new Date(resolvedAt),
  };
}
