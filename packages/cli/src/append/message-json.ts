import { isJsonType, JSON_TYPE, type OutboxMessage } from '@outrelay/core';
import { didYouMean } from '../nearest.ts';
import { UsageError } from '../usage-error.ts';
import { jsonMembers } from './json-members.ts';

const MEMBERS = [
  'topic',
  'key',
  'payload',
  'payloadBase64',
  'headers',
  'id',
  'contentType',
  'availableAt',
] as const;

/** A message whose payload is the text or the bytes that are to be stored. */
export type JsonMessage = OutboxMessage<string, string | Uint8Array>;

/**
 * Reads a message from a line of JSON: `{"topic", "key", "payload", "headers", "id", "contentType", "availableAt"}`.
 *
 * A JSON payload keeps its text to the letter. `payloadBase64` stands instead of it for bytes. Core checks the rest.
 */
export function messageFromJson(line: string): JsonMessage {
  const members = checkedMembers(line, MEMBERS);
  const { payload: _, payloadBase64, availableAt, ...content } = JSON.parse(line) as Record<string, unknown>;
  const raw = members.get('payload');
  return {
    ...content,
    ...payloadOf(raw, payloadBase64, content['contentType']),
    ...(availableAt === undefined || availableAt === null ? {} : { availableAt: timeOf(availableAt) }),
  } as JsonMessage;
}

/** The members of a JSON object by name; throws when there is one that is not known, or one twice. */
export function checkedMembers(text: string, known: readonly string[]): ReadonlyMap<string, string> {
  const parsed = parse(text);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new UsageError('it must be a JSON object such as {"topic":"order.placed","payload":{}}');
  }
  const members = new Map<string, string>();
  for (const { name, raw } of jsonMembers(text)) {
    if (!known.includes(name)) {
      throw new UsageError(
        `"${name}" is not known.${didYouMean(name, known)} Known are: ${known.join(', ')}`,
      );
    }
    if (members.has(name)) throw new UsageError(`"${name}" stands there twice`);
    members.set(name, raw);
  }
  return members;
}

/**
 * What is stored for a payload: JSON as the text it is, other content types as the text of a JSON string, base64 as
 * bytes.
 *
 * @param raw - the JSON text of the payload; absent or `null` is no payload
 */
export function payloadOf(
  raw: string | undefined,
  base64: unknown,
  contentType: unknown,
): { payload?: string | Uint8Array } {
  const hasPayload = raw !== undefined && raw !== 'null';
  if (base64 !== undefined && base64 !== null) {
    if (hasPayload) throw new UsageError('"payload" and "payloadBase64" exclude each other');
    return { payload: bytesOf(base64) };
  }
  if (!hasPayload) return {};
  if (isJsonType(typeof contentType === 'string' ? contentType : JSON_TYPE)) return { payload: raw };
  if (raw.startsWith('"')) return { payload: JSON.parse(raw) as string };
  throw new UsageError(
    `a payload of the content type "${String(contentType)}" must be a JSON string, or bytes in "payloadBase64"`,
  );
}

function bytesOf(base64: unknown): Uint8Array {
  if (typeof base64 === 'string' && base64.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(base64)) {
    return Buffer.from(base64, 'base64');
  }
  throw new UsageError('"payloadBase64" must be base64 with its padding');
}

function timeOf(value: unknown): Date {
  const time = typeof value === 'string' && ISO_TIME.test(value) ? new Date(value) : null;
  if (time !== null && !Number.isNaN(time.getTime())) return time;
  throw new UsageError('"availableAt" must be a time with its zone, such as "2026-03-01T12:30:00Z"');
}

const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError('it is not valid JSON');
  }
}
