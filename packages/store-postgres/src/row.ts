import { type ClaimedMessage, deduplicationId, type Headers, type Payload } from '@outrelay/core';
import type { PgRow } from './client.ts';
import { epochMs } from './tables.ts';

/** Columns of what a message says, as they are stored. */
export const CONTENT = 'id, topic, message_key, content_type, created_at, headers, payload, payload_bytes';

/**
 * Columns that {@link claimedMessage} reads, from the table or alias `from`; they begin with the position and the
 * partition.
 */
export function contentColumns(from: string): string {
  const of = (names: string): string =>
    names
      .split(', ')
      .map((name) => `${from}.${name}`)
      .join(', ');
  return `${of('position, partition_no, id, topic, message_key, content_type')}, ${epochMs(`${from}.created_at`)}, ${of('headers, payload')}, encode(${from}.payload_bytes, 'base64')`;
}
/** How many columns {@link contentColumns} are. */
export const CONTENT_WIDTH = 10;

/** The time of a column of {@link epochMs}. */
export function timeOf(value: string | null | undefined): Date {
  return new Date(Number(value));
}

/** How a message finds back to its row. */
export interface PgRef {
  /** The token under which it was yielded. */
  readonly token: string;
  readonly position: number;
  readonly partition: number;
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
export function refOf(message: ClaimedMessage): PgRef {
  return message.ref as PgRef;
}

/** The message of a fresh row of {@link contentColumns}. */
export function freshMessage(row: PgRow, token: string): ClaimedMessage {
  const ref: PgRef = {
    token,
    position: Number(row[0]),
    partition: Number(row[1]),
    delayed: null,
    suspect: false,
  };
  return claimedMessage(row, 0, 1, ref);
}

/** Columns that {@link delayedMessage} reads after those of the content. */
export const DELAYED_COLUMNS = 'attempts, redrives, available_at::text';

/** The message of a delayed row. A suspect has been charged already. */
export function delayedMessage(row: PgRow, token: string, suspect: boolean): ClaimedMessage {
  const [attempts, redrives] = [Number(row[CONTENT_WIDTH]), Number(row[CONTENT_WIDTH + 1])];
  const ref: PgRef = {
    token,
    position: Number(row[0]),
    partition: Number(row[1]),
    delayed: { attempts, redrives, availableAt: row[CONTENT_WIDTH + 2] ?? null },
    suspect,
  };
  return claimedMessage(row, redrives, suspect ? attempts : attempts + 1, ref);
}

function claimedMessage(row: PgRow, redrives: number, attempt: number, ref: PgRef): ClaimedMessage {
  const headers = headersOf(row[7] as string);
  const id = row[2] as string;
  return {
    id,
    topic: row[3] as string,
    key: row[4] as string | null,
    headers: headers ?? NO_HEADERS,
    payload: headers === undefined ? null : payloadOf(row[8] as string | null, row[9] as string | null),
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

/** Headers from their JSON; `undefined` when they are no object of texts: other writers put there what they like. */
export function headersOf(json: string): Headers | undefined {
  if (json === '{}') return NO_HEADERS;
  const value: unknown = JSON.parse(json);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.values(value).every((header) => typeof header === 'string') ? (value as Headers) : undefined;
}

/** The payload of its two columns. */
export function payloadOf(payload: string | null, bytes: string | null): Payload {
  if (bytes === null) return payload;
  const buffer = Buffer.from(bytes, 'base64');
  // Small buffers share their memory with others.
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
