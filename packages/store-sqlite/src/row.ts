import { type ClaimedMessage, deduplicationId, type Headers, type Payload } from '@outrelay/core';
import type { SqliteRow } from './client.ts';

/** Columns of what a message says; wherever they are selected, one number comes before them. */
export const CONTENT_COLUMNS = 'id, topic, message_key, content_type, created_at, headers, payload';

/** The same with a parameter: instead of a payload that has more bytes than it says, there is a mark. */
export const SMALL_CONTENT_COLUMNS: string = CONTENT_COLUMNS.replace(
  'payload',
  'iif(octet_length(payload) > ?, 0, payload)',
);

/** Whether the mark stands in the place of the payload. The table lets no number in, so it is nothing else. */
export function hasLargePayload(row: SqliteRow): boolean {
  return row[7] === 0;
}

/** A stretch of the table of messages that one read took completely. */
export interface Run {
  /** The topic it is limited to; `null` for the table as a whole. */
  readonly topic: string | null;
  readonly first: number;
  readonly last: number;
  readonly count: number;
}

/** How a message finds back to its row. */
export interface SqliteRef {
  /** The token under which it was yielded. */
  readonly token: string;
  readonly position: number;
  /** The state of its row among the delayed when it was yielded; `null` for a fresh message. */
  readonly delayed: {
    readonly attempts: number;
    readonly redrives: number;
    readonly availableAt: number | null;
  } | null;
  /** Whether it was handed out alone and charged in advance. */
  readonly suspect: boolean;
  /** The run it is a part of; `null` when its neighbours were not all taken. */
  readonly run: Run | null;
}

/** The reference that {@link ClaimedMessage.ref} holds. */
export function refOf(message: ClaimedMessage): SqliteRef {
  return message.ref as SqliteRef;
}

/** The message of a row of the position and {@link CONTENT_COLUMNS}. */
export function freshMessage(row: SqliteRow, token: string, run: Run | null): ClaimedMessage {
  const ref: SqliteRef = { token, position: row[0] as number, delayed: null, suspect: false, run };
  return claimedMessage(row, 0, 1, ref);
}

/** The message of a row that also has attempts, redrives and available_at. A suspect has been charged already. */
export function delayedMessage(row: SqliteRow, token: string, suspect: boolean): ClaimedMessage {
  const [attempts, redrives, availableAt] = row.slice(8) as [number, number, number | null];
  const ref: SqliteRef = {
    token,
    position: row[0] as number,
    delayed: { attempts, redrives, availableAt },
    suspect,
    run: null,
  };
  return claimedMessage(row, redrives, suspect ? attempts : attempts + 1, ref);
}

function claimedMessage(row: SqliteRow, redrives: number, attempt: number, ref: SqliteRef): ClaimedMessage {
  const headers = headersOf(row);
  const payload = payloadOf(row);
  const undecodable =
    headers === undefined
      ? 'The stored headers are not a JSON object of texts.'
      : payload === undefined
        ? 'The stored payload is a number; it must be a text, a blob or NULL.'
        : null;
  const id = row[1] as string;
  return {
    id,
    topic: row[2] as string,
    key: row[3] as string | null,
    headers: undecodable === null ? (headers as Headers) : NO_HEADERS,
    payload: undecodable === null ? (payload as Payload) : null,
    contentType: row[4] as string,
    createdAt: new Date(row[5] as number),
    deduplicationId: deduplicationId(id, redrives),
    attempt,
    undecodable,
    ref,
  };
}

/** Headers of a message that has none. */
export const NO_HEADERS: Headers = Object.freeze({});

/** The headers of a row; `undefined` when they are no object of texts: other writers put there what they like. */
export function headersOf(row: SqliteRow): Headers | undefined {
  const text = row[6];
  if (text === '{}') return NO_HEADERS;
  let value: unknown;
  try {
    value = JSON.parse(text as string);
  } catch {
    // The text of that error would quote the headers, which may hold secrets.
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.values(value).every((header) => typeof header === 'string') ? (value as Headers) : undefined;
}

/** The payload of a row; `undefined` when it is a number. */
export function payloadOf(row: SqliteRow): Payload | undefined {
  const value = row[7];
  if (value === null || typeof value === 'string') return value;
  if (!(value instanceof Uint8Array)) return undefined;
  // Bytes come as a Buffer from one driver and as a Uint8Array from the other; callers always get the latter.
  return value.constructor === Uint8Array
    ? value
    : new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}
