import { type ClaimedMessage, deduplicationId, type LogEntry } from '@outrelay/core';
import { headersOf, NO_HEADERS, type PgRef } from '../row.ts';
import type { InsertedRow } from './pgoutput.ts';

/** Where the row of a log entry is. Admission fills in what only the tables know. */
export type LogRef = { -readonly [K in keyof PgRef]: PgRef[K] };

/** Turns a row that was inserted into the message it holds. The token is known when it is admitted. */
export function logEntry({ columns, bytes }: InsertedRow, xid: number): LogEntry {
  const text = (name: string): string => columns.get(name) ?? '';
  const headers = headersOf(text('headers'));
  const id = text('id');
  const ref: LogRef = {
    token: '',
    position: Number(text('position')),
    // A generated column is not in the log before PostgreSQL 18.
    partition: -1,
    delayed: null,
    suspect: false,
  };
  const message: ClaimedMessage = {
    id,
    topic: text('topic'),
    key: columns.get('message_key') ?? null,
    headers: headers ?? NO_HEADERS,
    payload: headers === undefined ? null : payloadOf(columns),
    contentType: text('content_type'),
    createdAt: new Date(Math.trunc(Date.parse(isoOf(text('created_at'))))),
    deduplicationId: deduplicationId(id, 0),
    attempt: 1,
    undecodable: headers === undefined ? 'The stored headers are not a JSON object of texts.' : null,
    ref,
  };
  return { message, bytes, transaction: xid };
}

/** Bytes come as `\x` and hexadecimal digits. */
function payloadOf(columns: InsertedRow['columns']): string | Uint8Array | null {
  const bytes = columns.get('payload_bytes') ?? null;
  if (bytes === null) return columns.get('payload') ?? null;
  const buffer = Buffer.from(bytes.slice(2), 'hex');
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

/** `2026-11-25 03:09:48.123456+00`, as the connection of the log is set to write times. */
function isoOf(time: string): string {
  return time.replace(' ', 'T').replace(/\+00$/, 'Z');
}
