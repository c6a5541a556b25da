import {
  type DeadLetter,
  type DeadLetterFilter,
  type DeadLetterRequest,
  type DeadReason,
  readOptions,
} from '@outrelay/core';
import type { MongoDocument } from './client.ts';
import { between, FILTER, givenOnly, oneOfIds, optionalBoolean, optionalOneOf, PAGE } from './condition.ts';
import { headersOf, NO_HEADERS, payloadOf } from './row.ts';

const REASONS: readonly DeadReason[] = ['rejected', 'attempts-exhausted', 'undecodable'];

const LETTER_FILTER = { ...FILTER, reason: optionalOneOf<DeadReason>(REASONS) };

/** Checks a filter and turns it into a condition on unresolved dead letters. */
export function filterCondition(owner: string, filter: DeadLetterFilter): MongoDocument {
  return conditionOf(readOptions(owner, filter, LETTER_FILTER), false);
}

function conditionOf(filter: DeadLetterFilter, resolved: boolean): MongoDocument {
  const { ids, topic, key, reason, since, until } = filter;
  const resolved_at = resolved ? undefined : null;
  const dead_at = between(since, until);
  return givenOnly({ resolved_at, id: oneOfIds(ids), topic, message_key: key, reason, dead_at });
}

/** A checked request for a page. */
export interface PageRequest {
  readonly condition: MongoDocument;
  readonly limit: number;
}

/** Checks what `list` is asked. */
export function pageRequest(request: DeadLetterRequest): PageRequest {
  const { after, limit, resolved, ...filter } = readOptions('recovery.list', request, {
    ...LETTER_FILTER,
    ...PAGE,
    resolved: optionalBoolean,
  });
  const condition = conditionOf(filter, resolved === true);
  return { condition: after === undefined ? condition : { ...condition, _id: { $gt: after } }, limit };
}

/** The dead letter of a document. */
export function letterOf(row: MongoDocument): DeadLetter {
  const resolvedAt = row['resolved_at'] as Date | null;
  return {
    id: row['id'] as string,
    topic: row['topic'] as string,
    key: row['message_key'] as string | null,
    // What could not be decoded is the reason of some letters; the document keeps it as it is.
    headers: headersOf(row) ?? NO_HEADERS,
    payload: payloadOf(row) ?? null,
    contentType: row['content_type'] as string,
    createdAt: row['created_at'] as Date,
    attempts: row['attempts'] as number,
    redrives: row['redrives'] as number,
    reason: row['reason'] as DeadReason,
    error: row['error'] as string,
    blocking: row['blocking'] === true && resolvedAt === null,
    deadAt: row['dead_at'] as Date,
    resolvedAt,
  };
}
