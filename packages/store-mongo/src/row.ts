import {
  type ClaimedMessage,
  deduplicationId,
  type Headers,
  type MessageContent,
  type Payload,
} from '@outrelay/core';
import type { MongoDocument } from './client.ts';
import { partitionOf } from './partition.ts';

/** Fields of what a message says, and of its place; they move with it from one collection to the next. */
const CONTENT = [
  'partition_no',
  'position',
  'seq',
  'id',
  'topic',
  'message_key',
  'content_type',
  'created_at',
  'headers',
  'payload',
] as const;

/** The content of a stored message, for another collection; damaged fields are kept as they are. */
export function contentOf(row: MongoDocument): MongoDocument {
  return Object.fromEntries(CONTENT.map((name) => [name, row[name]]));
}

/** What of a new message can be said before its position is drawn. */
export function documentOf(message: MessageContent): MongoDocument {
  const { id, topic, key, contentType, payload } = message;
  return {
    id,
    partition_no: partitionOf(topic, key, id),
    topic,
    message_key: key,
    content_type: contentType,
    headers: headerList(message.headers),
    // A copy, because bytes of the caller may change before they are sent.
    payload: payload instanceof Uint8Array ? Buffer.from(payload) : payload,
  };
}

/** Headers as a list: names may hold dots and dollar signs, which mean something in names of fields. */
export function headerList(headers: Headers): readonly object[] {
  return Object.entries(headers).map(([name, value]) => ({ name, value }));
}

/** How a message finds back to its document. */
export interface MongoRef {
  /** The token under which it was yielded. */
  readonly token: string;
  readonly partition: number;
  /** The `_id` of its document. */
  readonly row: unknown;
  /** The state of its document among the delayed when it was yielded; `null` for a fresh message. */
  readonly delayed: { readonly attempts: number; readonly availableAt: Date | null } | null;
  /** Whether it was handed out alone and charged in advance. */
  readonly suspect: boolean;
}

/** The reference that {@link ClaimedMessage.ref} holds. */
export function refOf(message: ClaimedMessage): MongoRef {
  return message.ref as MongoRef;
}

/** The message of a document of the fresh ones. */
export function freshMessage(row: MongoDocument, token: string): ClaimedMessage {
  const partition = row['partition_no'] as number;
  return claimedMessage(row, 0, 1, { token, partition, row: row['_id'], delayed: null, suspect: false });
}

/** The message of a delayed document. A suspect has been charged already. */
export function delayedMessage(row: MongoDocument, token: string, suspect: boolean): ClaimedMessage {
  const attempts = row['attempts'] as number;
  const ref: MongoRef = {
    token,
    partition: row['partition_no'] as number,
    row: row['_id'],
    delayed: { attempts, availableAt: row['available_at'] as Date | null },
    suspect,
  };
  return claimedMessage(row, row['redrives'] as number, suspect ? attempts : attempts + 1, ref);
}

function claimedMessage(
  row: MongoDocument,
  redrives: number,
  attempt: number,
  ref: MongoRef,
): ClaimedMessage {
  const headers = headersOf(row);
  const payload = payloadOf(row);
  const undecodable =
    headers === undefined
      ? 'The stored headers are not a list of names and values.'
      : payload === undefined
        ? 'The stored payload is neither a text nor bytes nor null.'
        : null;
  const id = row['id'] as string;
  return {
    id,
    topic: row['topic'] as string,
    key: row['message_key'] as string | null,
    headers: undecodable === null ? (headers as Headers) : NO_HEADERS,
    payload: undecodable === null ? (payload as Payload) : null,
    contentType: row['content_type'] as string,
    createdAt: row['created_at'] as Date,
    deduplicationId: deduplicationId(id, redrives),
    attempt,
    undecodable,
    ref,
  };
}

/** Headers of a message that has none. */
export const NO_HEADERS: Headers = Object.freeze({});

/** The headers of a document; `undefined` when they are no list of names and values. */
export function headersOf(row: MongoDocument): Headers | undefined {
  const list = row['headers'];
  if (!Array.isArray(list)) return undefined;
  if (list.length === 0) return NO_HEADERS;
  const pairs: [string, string][] = [];
  for (const entry of list as readonly unknown[]) {
    const { name, value } = (entry ?? {}) as { name?: unknown; value?: unknown };
    if (typeof name !== 'string' || typeof value !== 'string') return undefined;
    pairs.push([name, value]);
  }
  return Object.fromEntries(pairs);
}

/** The payload of a document; `undefined` when it is of another type. */
export function payloadOf(row: MongoDocument): Payload | undefined {
  const value = row['payload'];
  if (value === null || typeof value === 'string') return value;
  if (!(value instanceof Uint8Array)) return undefined;
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

/** The size of a stored payload in bytes. */
export function sizeOf(row: MongoDocument): number {
  const value = row['payload'];
  if (typeof value === 'string') return Buffer.byteLength(value);
  return value instanceof Uint8Array ? value.byteLength : 0;
}
