import { type ClaimedMessage, deduplicationId, type Headers, type Payload } from '@outrelay/core';
import type { MysqlRow } from './client.ts';

/** Columns of what a message says, in the order in which {@link contentOf} reads them. */
export const CONTENT_COLUMNS =
  'id, topic, message_key, content_type, created_at, headers, payload, payload_bytes';

/** How a message finds back to its row. */
export interface MysqlRef {
  /** The token under which it was yielded. */
  readonly token: string;
  readonly position: number;
  readonly partition: number;
  /** The time of the append as the database wrote it, which has more digits than a `Date`. */
  readonly createdAt: string;
  /** The state of its row among the delayed when it was yielded; `null` for a fresh message. */
  readonly delayed: {
    readonly attempts: number;
    readonly redrives: number;
    readonly availableAt: string | null;
  } | null;
  /** Whether it was handed out alone and charged in advance. */
  readonly suspect: boolean;
}

/** The reference that {@link ClaimedMessage.ref} holds. */
export function refOf(message: ClaimedMessage): MysqlRef {
  return message.ref as MysqlRef;
}

/** The message of a row of the position, the partition and {@link CONTENT_COLUMNS}. */
export function freshMessage(row: MysqlRow, token: string): ClaimedMessage {
  return claimedMessage(row, 0, 1, {
    token,
    position: row[0] as number,
    partition: row[1] as number,
    createdAt: row[6] as string,
    delayed: null,
    suspect: false,
  });
}

/** The message of a row that also has attempts, redrives and available_at. A suspect has been charged already. */
export function delayedMessage(row: MysqlRow, token: string, suspect: boolean): ClaimedMessage {
  const [attempts, redrives, availableAt] = row.slice(10) as [number, number, string | null];
  return claimedMessage(row, redrives, suspect ? attempts : attempts + 1, {
    token,
    position: row[0] as number,
    partition: row[1] as number,
    createdAt: row[6] as string,
    delayed: { attempts, redrives, availableAt },
    suspect,
  });
}

function claimedMessage(row: MysqlRow, redrives: number, attempt: number, ref: MysqlRef): ClaimedMessage {
  const headers = headersOf(row[7]);
  const id = row[2] as string;
  return {
    id,
    topic: row[3] as string,
    key: row[4] as string | null,
    headers: headers ?? NO_HEADERS,
    payload: headers === undefined ? null : payloadOf(row[8], row[9]),
    contentType: row[5] as string,
    createdAt: timeOf(row[6]),
    deduplicationId: deduplicationId(id, redrives),
    attempt,
    undecodable: headers === undefined ? 'The stored headers are not a JSON object of texts.' : null,
    ref,
  };
}

/** Headers of a message that has none. */
export const NO_HEADERS: Headers = Object.freeze({});

/** Stored headers; `undefined` when they are no object of texts: other writers put there what they like. */
export function headersOf(stored: unknown): Headers | undefined {
  if (stored === '{}') return NO_HEADERS;
  let value: unknown;
  try {
    value = JSON.parse(stored as string);
  } catch {
    // The text of that error would quote the headers, which may hold secrets.
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.values(value).every((header) => typeof header === 'string') ? (value as Headers) : undefined;
}

/** A stored payload, which is in the one column or in the other; bytes come as a `Buffer` and leave as plain ones. */
export function payloadOf(text: unknown, bytes: unknown): Payload {
  if (typeof text === 'string') return text;
  if (!(bytes instanceof Uint8Array)) return null;
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The time of a column, which holds UTC and is read as text. */
export function timeOf(stored: unknown): Date {
  return new Date(`${String(stored).replace(' ', 'T')}Z`);
}
