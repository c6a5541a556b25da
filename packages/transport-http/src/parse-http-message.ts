import { any, BYTES_TYPE, type MessageContent, readOptions } from '@outrelay/core';
import { invalidMessage, invalidSignature } from './errors.ts';
import { decodeHeaderText, encodeHeaderText } from './header-text.ts';
import { type HttpHeaders, headerReader } from './headers.ts';
import { NO_DATA_HEADER } from './request.ts';
import { ID_HEADER } from './signature.ts';
import { type EventParts, readStructured } from './structured.ts';
import { type VerifyOptions, verifySignature } from './verify-signature.ts';

/** A message as a receiver has it: everything the sender's outbox held, the payload as its bytes. */
export interface ReceivedMessage extends MessageContent {
  readonly payload: Uint8Array | null;
  /** When it was appended; `null` where another sender of CloudEvents left `time` out. */
  readonly createdAt: Date | null;
  /** The id, and after a redrive a new name: what to recognise repeated deliveries by. */
  readonly deduplicationId: string;
  /** The sender's `source`. */
  readonly source: string;
}

/** How a request is read. */
export interface ParseOptions extends VerifyOptions {
  /**
   * What {@link verifySignature} is to check first. Default: the signature is not checked. An `undefined` that is
   * given by name is refused: a variable that is not set must not switch the check off.
   */
  readonly secrets?: string | readonly string[];
}

/**
 * Restores the message that {@link httpTransport} sent, in the binary or structured format, exactly: id, topic, key,
 * headers, content type and the bytes of the payload. CloudEvents of other senders are read as well.
 *
 * With `secrets` the signature is checked first, and in the binary format that the signed id is the event's.
 *
 * @param headers - of the request: Node's record, a plain record or a `Headers` object
 * @param body - the bytes of the request as they came, before any parsing
 * @throws OutboxError `SIGNATURE_INVALID` when the signature does not fit, `MESSAGE_INVALID` when the request is not one
 * CloudEvent; `TypeError` for misuse
 */
export function parseHttpMessage(
  headers: HttpHeaders,
  body: string | Uint8Array,
  options: ParseOptions = {},
): ReceivedMessage {
  const { secrets, ...verify } = readParseOptions(options);
  if (secrets !== undefined) verifySignature(headers, body, secrets, verify);
  const header = headerReader(headers);
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  const type = header('content-type') ?? '';
  if (/^application\/cloudevents\+json\s*(?:;|$)/i.test(type)) return restore(readStructured(bytes));
  if (/^application\/cloudevents/i.test(type)) {
    throw invalidMessage(`the content type ${JSON.stringify(type)} is not supported`);
  }
  const message = restore(readBinary(header, type, bytes));
  if (secrets !== undefined && header(ID_HEADER) !== encodeHeaderText(message.deduplicationId)) {
    throw invalidSignature(
      `its ${ID_HEADER} is not that of the event, so the signature was made for another one`,
    );
  }
  return message;
}

function readParseOptions(options: ParseOptions): ParseOptions {
  const settings = readOptions('parseHttpMessage', options, {
    secrets: any<string | readonly string[] | undefined>(undefined),
    toleranceMs: any<number | undefined>(undefined),
    nowMs: any<number | undefined>(undefined),
  });
  if (Object.hasOwn(options, 'secrets') && settings.secrets === undefined) {
    throw new TypeError(
      'parseHttpMessage: option "secrets" is undefined. Give a secret, or leave the option out to skip the check.',
    );
  }
  return settings as ParseOptions;
}

function readBinary(
  header: (name: string) => string | undefined,
  type: string,
  bytes: Uint8Array,
): EventParts {
  const noData = bytes.length === 0 && (type === '' || header(NO_DATA_HEADER) === 'true');
  return {
    attribute(name) {
      const value = header(`ce-${name}`);
      if (value === undefined) return undefined;
      const text = decodeHeaderText(value);
      if (text === null) throw invalidMessage(`its header ce-${name} is not percent-encoded UTF-8`);
      return text;
    },
    contentType: type === '' ? BYTES_TYPE : type,
    payload: noData ? null : bytes,
  };
}

function restore({ attribute, contentType, payload }: EventParts): ReceivedMessage {
  const required = (name: string): string => {
    const value = attribute(name);
    if (value === undefined || value === '')
      throw invalidMessage(`it lacks the CloudEvents attribute "${name}"`);
    return value;
  };
  const version = required('specversion');
  if (version !== '1.0')
    throw invalidMessage(`CloudEvents version ${JSON.stringify(version)} is not supported`);
  const id = required('id');
  return {
    id,
    topic: required('type'),
    key: attribute('partitionkey') ?? null,
    headers: {
      ...only('traceparent', attribute('traceparent')),
      ...only('tracestate', attribute('tracestate')),
      ...readHeaders(attribute('outrelayheaders') ?? '{}'),
    },
    payload,
    contentType: attribute('outrelaycontenttype') ?? contentType,
    createdAt: readTime(attribute('time')),
    deduplicationId: attribute('outrelaydedupid') ?? id,
    source: required('source'),
  };
}

function only(name: string, value: string | undefined): Record<string, string> {
  return value === undefined ? {} : { [name]: value };
}

function readHeaders(json: string): Record<string, string> {
  let headers: unknown;
  try {
    headers = JSON.parse(json);
  } catch {
    headers = null;
  }
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) {
    throw invalidMessage('its "outrelayheaders" are not a JSON object');
  }
  if (Object.values(headers).some((value) => typeof value !== 'string')) {
    throw invalidMessage('its "outrelayheaders" hold a value that is no text');
  }
  return headers as Record<string, string>;
}

function readTime(text: string | undefined): Date | null {
  if (text === undefined) return null;
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw invalidMessage(`its time ${JSON.stringify(text)} cannot be read`);
  return time;
}
