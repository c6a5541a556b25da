import {
  type ConsumedMessage,
  type ParkedFilter,
  type ParkedMessage,
  type ParkedRequest,
  type ParkReason,
  readOptions,
} from '@outrelay/core';
import type { PgRow } from './client.ts';
import {
  conditionOf,
  FILTER,
  idList,
  optionalOneOf,
  optionalText,
  PAGE,
  textOrNothing,
  timeOrNothing,
} from './condition.ts';
import { whole } from './literal.ts';
import { headersOf, NO_HEADERS, payloadOf, timeOf } from './row.ts';
import { epochMs } from './tables.ts';

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
  return conditionOf('true', [
    ['id =', idList(ids)],
    ['consumer =', textOrNothing(consumer)],
    ['topic =', textOrNothing(topic)],
    ['message_key =', textOrNothing(key)],
    ['reason =', textOrNothing(reason)],
    ['parked_at >=', timeOrNothing(since)],
    ['parked_at <', timeOrNothing(until)],
  ]);
}

/** Columns that {@link consumedOf} reads. */
export const CONSUMED_COLUMNS: string = `parked_no, id, topic, message_key, content_type, ${epochMs('created_at')}, headers, payload, encode(payload_bytes, 'base64')`;
/** How many they are. */
export const CONSUMED_WIDTH = 9;

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
  const columns = `consumer, attempts, redrives, reason, ${epochMs('parked_at')}, available_at::text, error`;
  const sql = `SELECT ${CONSUMED_COLUMNS}, ${columns} FROM ${table} WHERE parked_no > ${whole(Number(after ?? 0))} AND ${toCondition(filter)} ORDER BY parked_no LIMIT ${whole(limit + 1)}`;
  return { limit, sql };
}

/** A row of {@link parkedPage}. */
export function numberedOf(row: PgRow): Numbered {
  const [consumer, attempts, redrives, reason, parkedAt, availableAt, error] = row.slice(CONSUMED_WIDTH);
  return {
    number: Number(row[0]),
    parked: {
      ...consumedOf(row),
      consumer: consumer as string,
      state: availableAt === null ? 'parked' : 'redriven',
      parkedAt: timeOf(parkedAt),
      reason: reason as ParkReason,
      error: error as string,
      attempts: Number(attempts),
      redrives: Number(redrives),
    },
  };
}

/** The message of a row of a number and the columns of its content. */
export function consumedOf(row: PgRow): ConsumedMessage {
  return {
    id: row[1] as string,
    topic: row[2] as string,
    key: row[3] as string | null,
    contentType: row[4] as string,
    createdAt: timeOf(row[5]),
    headers: headersOf(row[6] as string) ?? NO_HEADERS,
    payload: payloadOf(row[7] ?? null, row[8] ?? null),
  };
}
