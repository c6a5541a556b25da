import {
  type ConsumedMessage,
  type ParkedFilter,
  type ParkedMessage,
  type ParkedRequest,
  type ParkReason,
  type ParkRequest,
  readOptions,
} from '@outrelay/core';
import type { MongoDocument } from './client.ts';
import { between, FILTER, givenOnly, oneOfIds, optionalOneOf, optionalText, PAGE } from './condition.ts';
import { pagedId } from './paged-id.ts';
import { headerList, headersOf, NO_HEADERS, payloadOf } from './row.ts';

const PARKED_FILTER = {
  ...FILTER,
  consumer: optionalText,
  reason: optionalOneOf<ParkReason>(['rejected', 'attempts-exhausted']),
};

/** Checks a filter and turns it into a condition on parked and redriven messages. */
export function parkedCondition(owner: string, filter: ParkedFilter): MongoDocument {
  return toCondition(readOptions(owner, filter, PARKED_FILTER));
}

function toCondition({ consumer, ids, topic, key, reason, since, until }: ParkedFilter): MongoDocument {
  const parked_at = between(since, until);
  return givenOnly({ consumer, id: oneOfIds(ids), topic, message_key: key, reason, parked_at });
}

/** Checks what `list` is asked. */
export function parkedPage(request: ParkedRequest): {
  readonly condition: MongoDocument;
  readonly limit: number;
} {
  const { after, limit, ...filter } = readOptions('parking.list', request, { ...PARKED_FILTER, ...PAGE });
  const condition = toCondition(filter);
  return { condition: after === undefined ? condition : { ...condition, _id: { $gt: after } }, limit };
}

/** The document of a message that is parked. */
export function parkedRow(request: ParkRequest, now: Date): MongoDocument {
  const { consumer, message, attempts, reason, error, redrives } = request;
  const { id, topic, key, contentType, createdAt, headers, payload } = message;
  return {
    ...{ _id: pagedId(now), consumer, id, topic, message_key: key, content_type: contentType },
    ...{ created_at: createdAt, headers: headerList(headers), payload },
    ...{ attempts, reason, error, redrives, parked_at: now, available_at: null },
  };
}

/** The message of such a document, with what is said of it. */
export function parkedOf(row: MongoDocument): ParkedMessage {
  return {
    ...consumedOf(row),
    consumer: row['consumer'] as string,
    state: row['available_at'] === null ? 'parked' : 'redriven',
    parkedAt: row['parked_at'] as Date,
    reason: row['reason'] as ParkReason,
    error: row['error'] as string,
    attempts: row['attempts'] as number,
    redrives: row['redrives'] as number,
  };
}

/** The message alone. */
export function consumedOf(row: MongoDocument): ConsumedMessage {
  return {
    id: row['id'] as string,
    topic: row['topic'] as string,
    key: row['message_key'] as string | null,
    contentType: row['content_type'] as string,
    createdAt: row['created_at'] as Date,
    headers: headersOf(row) ?? NO_HEADERS,
    payload: payloadOf(row) ?? null,
  };
}
