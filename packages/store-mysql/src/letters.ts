import {
  type DeadLetter,
  type DeadLetterFilter,
  type DeadLetterRequest,
  type DeadReason,
  readOptions,
} from '@outrelay/core';
import type { MysqlRow } from './client.ts';
import {
  conditionOf,
  FILTER,
  idList,
  optionalBoolean,
  optionalOneOf,
  PAGE,
  textOrNothing,
} from './condition.ts';
import { time, whole } from './literal.ts';
import { CONTENT_COLUMNS, headersOf, NO_HEADERS, payloadOf, timeOf } from './row.ts';

const REASONS: readonly DeadReason[] = ['rejected', 'attempts-exhausted', 'undecodable'];

const LETTER_FILTER = { ...FILTER, reason: optionalOneOf(REASONS) };

/** Checks a filter and turns it into a condition on unresolved dead letters. */
export function filterCondition(owner: string, filter: DeadLetterFilter): string {
  return toCondition(readOptions(owner, filter, LETTER_FILTER), false);
}

function toCondition(filter: DeadLetterFilter, resolved: boolean): string {
  const { ids, topic, key, reason, since, until } = filter;
  return conditionOf(resolved ? 'TRUE' : 'resolved_at IS NULL', [
    ['id IN', idList(ids)],
    ['topic =', textOrNothing(topic)],
    ['message_key =', textOrNothing(key)],
    ['reason =', textOrNothing(reason)],
    ['dead_at >=', since === undefined ? undefined : time(since)],
    ['dead_at <', until === undefined ? undefined : time(until)],
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

const COLUMNS = `dead_no, partition_no, ${CONTENT_COLUMNS}, attempts, redrives, reason, blocking, dead_at, resolved_at, error, position`;

/** A dead letter with what the store knows of it besides. */
export interface StoredLetter {
  readonly number: number;
  readonly position: number;
  readonly partition: number;
  /** The time of the append as the database wrote it. */
  readonly createdAt: string;
  readonly letter: DeadLetter;
}

/** The statement for the dead letters of a condition, in the order they died. */
export function lettersSql(table: string, { condition, limit, after }: PageRequest): string {
  return `SELECT ${COLUMNS} FROM ${table} WHERE dead_no > ${whole(after)} AND ${condition} ORDER BY dead_no LIMIT ${whole(limit)}`;
}

/** A row of {@link lettersSql}. */
export function letterOf(row: MysqlRow): StoredLetter {
  const [attempts, redrives, reason, blocking, deadAt, resolvedAt, error, position] = row.slice(10);
  return {
    number: row[0] as number,
    partition: row[1] as number,
    position: position as number,
    createdAt: row[6] as string,
    letter: {
      id: row[2] as string,
      topic: row[3] as string,
      key: row[4] as string | null,
      // What could not be decoded is the reason of some letters; the row keeps it as it is.
      headers: headersOf(row[7]) ?? NO_HEADERS,
      payload: payloadOf(row[8], row[9]),
      contentType: row[5] as string,
      createdAt: timeOf(row[6]),
      attempts: attempts as number,
      redrives: redrives as number,
      reason: reason as DeadReason,
      error: error as string,
      blocking: blocking === 1 && resolvedAt === null,
      deadAt: timeOf(deadAt),
      resolvedAt: resolvedAt === null ? null : timeOf(resolvedAt),
    },
  };
}
