import {
  type ConsumedMessage,
  type ParkedFilter,
  type ParkedMessage,
  type ParkedRequest,
  type ParkReason,
  readOptions,
} from '@outrelay/core';
import type { SqliteRow } from './client.ts';
import {
  type Condition,
  conditionOf,
  FILTER,
  idCondition,
  optionalOneOf,
  optionalText,
  PAGE,
} from './condition.ts';
import type { Session } from './connection.ts';
import { CONTENT_COLUMNS, headersOf, NO_HEADERS, payloadOf } from './row.ts';

const PARKED_FILTER = {
  ...FILTER,
  consumer: optionalText,
  reason: optionalOneOf<ParkReason>(['rejected', 'attempts-exhausted']),
};

/** Checks a filter and turns it into a condition on parked and redriven messages. */
export function parkedCondition(owner: string, filter: ParkedFilter): Condition {
  return toCondition(readOptions(owner, filter, PARKED_FILTER));
}

function toCondition({ consumer, ids, topic, key, reason, since, until }: ParkedFilter): Condition {
  return conditionOf('TRUE', [
    idCondition(ids),
    ['consumer = ?', consumer],
    ['topic = ?', topic],
    ['message_key = ?', key],
    ['reason = ?', reason],
    ['parked_at >= ?', since?.getTime()],
    ['parked_at < ?', until?.getTime()],
  ]);
}

/** A row of the table and the number it is paged by. */
export interface Numbered {
  readonly number: number;
  readonly parked: ParkedMessage;
}

/** Reads one page of parked and redriven messages, and one more when there is a next page. */
export function parkedPage(
  table: string,
  request: ParkedRequest,
): { readonly limit: number; read(session: Session): readonly Numbered[] } {
  const { after, limit, ...filter } = readOptions('parking.list', request, { ...PARKED_FILTER, ...PAGE });
  const { sql, parameters } = toCondition(filter);
  const columns = 'consumer, attempts, redrives, reason, parked_at, available_at, error';
  const query = `SELECT parked_no, ${CONTENT_COLUMNS}, ${columns} FROM ${table} WHERE parked_no > ? AND ${sql} ORDER BY parked_no LIMIT ?`;
  return {
    limit,
    read: (session) =>
      session
        .rows(query, Number(after ?? 0), ...parameters, limit + 1)
        .map((row) => ({ number: row[0] as number, parked: parkedOf(row) })),
  };
}

function parkedOf(row: SqliteRow): ParkedMessage {
  const [consumer, attempts, redrives, reason, parkedAt, availableAt, error] = row.slice(8) as [
    string,
    number,
    number,
    ParkReason,
    number,
    number | null,
    string,
  ];
  return {
    ...consumedOf(row),
    consumer,
    state: availableAt === null ? 'parked' : 'redriven',
    parkedAt: new Date(parkedAt),
    reason,
    error,
    attempts,
    redrives,
  };
}

/** The message of a row of a number and the columns of its content. */
export function consumedOf(row: SqliteRow): ConsumedMessage {
  return {
    id: row[1] as string,
    topic: row[2] as string,
    key: row[3] as string | null,
    contentType: row[4] as string,
    createdAt: new Date(row[5] as number),
    headers: headersOf(row) ?? NO_HEADERS,
    payload: payloadOf(row) ?? null,
  };
}
