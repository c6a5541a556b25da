import {
  type ConsumedMessage,
  type ParkedFilter,
  type ParkedMessage,
  type ParkedRequest,
  type ParkReason,
  readOptions,
} from '@outrelay/core';
import type { MysqlRow } from './client.ts';
import {
  conditionOf,
  FILTER,
  idList,
  optionalOneOf,
  optionalText,
  PAGE,
  textOrNothing,
} from './condition.ts';
import { time, whole } from './literal.ts';
import { CONTENT_COLUMNS, headersOf, NO_HEADERS, payloadOf, timeOf } from './row.ts';

const PARKED_FILTER = {
  ...FILTER,
  consumer: optionalText,
  reason: optionalOneOf<ParkReason>(['rejected', 'attempts-exhausted']),
};

/** Checks a filter and turns it into a condition on parked and redriven messages. */
export function parkedCondition(owner: string, filter: ParkedFilter): string {
  return toCondition(readOptions(owner, filter, PARKED_FILTER));
}

function toCondition({ consumer, ids, topic, key, reason, since, until }: ParkedFilter): string {
  return conditionOf('TRUE', [
    ['id IN', idList(ids)],
    ['consumer =', textOrNothing(consumer)],
    ['topic =', textOrNothing(topic)],
    ['message_key =', textOrNothing(key)],
    ['reason =', textOrNothing(reason)],
    ['parked_at >=', since === undefined ? undefined : time(since)],
    ['parked_at <', until === undefined ? undefined : time(until)],
  ]);
}

/** A row of the table and the number it is paged by. */
export interface Numbered {
  readonly number: number;
  readonly parked: ParkedMessage;
}

/** A page of parked and redriven messages: the statement asks for one more, which tells whether there is a next one. */
export function parkedPage(
  table: string,
  request: ParkedRequest,
): { readonly limit: number; readonly sql: string } {
  const { after, limit, ...filter } = readOptions('parking.list', request, { ...PARKED_FILTER, ...PAGE });
  const columns = 'consumer, attempts, redrives, reason, parked_at, available_at, error';
  const sql = `SELECT parked_no, ${CONTENT_COLUMNS}, ${columns} FROM ${table} WHERE parked_no > ${whole(Number(after ?? 0))} AND ${toCondition(filter)} ORDER BY parked_no LIMIT ${whole(limit + 1)}`;
  return { limit, sql };
}

/** A row of {@link parkedPage}. */
export function numberedOf(row: MysqlRow): Numbered {
  const [consumer, attempts, redrives, reason, parkedAt, availableAt, error] = row.slice(9);
  return {
    number: row[0] as number,
    parked: {
      ...consumedOf(row),
      consumer: consumer as string,
      state: availableAt === null ? 'parked' : 'redriven',
      parkedAt: timeOf(parkedAt),
      reason: reason as ParkReason,
      error: error as string,
      attempts: attempts as number,
      redrives: redrives as number,
    },
  };
}

/** The message of a row of a number and the columns of its content. */
export function consumedOf(row: MysqlRow): ConsumedMessage {
  return {
    id: row[1] as string,
    topic: row[2] as string,
    key: row[3] as string | null,
    contentType: row[4] as string,
    createdAt: timeOf(row[5]),
    headers: headersOf(row[6]) ?? NO_HEADERS,
    payload: payloadOf(row[7], row[8]),
  };
}
