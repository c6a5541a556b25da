import { BYTES_TYPE } from './codec.ts';
import type { Message, Payload } from './message.ts';

/**
 * The attributes of a message as a CloudEvent (version 1.0.2 of the specification), all of them texts.
 *
 * Names that begin with `outrelay` are extensions for what CloudEvents has no place for, so that a message can be
 * restored exactly: {@link cloudEventAttributes} says when each is present.
 */
export interface CloudEventAttributes {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  /** The topic. */
  readonly type: string;
  /** When the message was appended, in RFC 3339 with milliseconds. */
  readonly time: string;
  readonly datacontenttype: string;
  /** The key; absent when it is `null`. */
  readonly partitionkey?: string;
  readonly traceparent?: string;
  readonly tracestate?: string;
  /** The headers besides `traceparent` and `tracestate`, as the text of a JSON object; absent without any. */
  readonly outrelayheaders?: string;
  /** The deduplication id, where a redrive made it differ from the id. */
  readonly outrelaydedupid?: string;
  /** The content type, where it cannot be a media type; `datacontenttype` is then `application/octet-stream`. */
  readonly outrelaycontenttype?: string;
}

/**
 * The CloudEvents attributes of a message.
 *
 * @param source - a URI reference that names the sender
 */
export function cloudEventAttributes(message: Message, source: string): CloudEventAttributes {
  const { id, topic, key, contentType, deduplicationId } = message;
  const { traceparent, tracestate, ...others } = message.headers;
  const plain = PLAIN.test(contentType);
  return {
    specversion: '1.0',
    id,
    source,
    type: topic,
    time: message.createdAt.toISOString(),
    datacontenttype: plain ? contentType : BYTES_TYPE,
    ...(key === null ? {} : { partitionkey: key }),
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(tracestate === undefined ? {} : { tracestate }),
    ...(Object.keys(others).length === 0 ? {} : { outrelayheaders: JSON.stringify(others) }),
    ...(deduplicationId === id ? {} : { outrelaydedupid: deduplicationId }),
    ...(plain ? {} : { outrelaycontenttype: contentType }),
  };
}

/**
 * A message as one line of CloudEvents JSON (the "structured" form).
 *
 * Every payload survives to the byte. JSON text on one line stands in `data` as it is, digits beyond 2^53 included;
 * other text stands there as a JSON string, everything else in `data_base64`. A payload of `null` has neither member.
 */
export function cloudEventJson(message: Message, source: string): string {
  const attributes = cloudEventAttributes(message, source);
  const data = dataMember(message.payload, attributes.datacontenttype);
  const json = JSON.stringify(attributes);
  return data === null ? json : `${json.slice(0, -1)},${data}}`;
}

/** Tells whether the media type says JSON: a subtype of `json` or one that ends in `+json`, whatever its parameters. */
export function isJsonType(contentType: string): boolean {
  return JSON_SUBTYPE.test(contentType);
}

function dataMember(payload: Payload, contentType: string): string | null {
  if (payload === null) return null;
  if (isJsonType(contentType)) {
    const text = utf8Text(payload);
    if (text !== null && isBareJson(text)) return `"data":${text}`;
  } else if (contentType !== BYTES_TYPE && (typeof payload === 'string' || UTF8_TEXT.test(contentType))) {
    const text = utf8Text(payload);
    if (text !== null) return `"data":${JSON.stringify(text)}`;
  }
  return `"data_base64":"${Buffer.from(payload as Uint8Array).toString('base64')}"`;
}

/** Printable ASCII without outer white space: what can be a media type in JSON and in a header alike. */
const PLAIN = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;
const JSON_SUBTYPE = /^[^/;\s]+\/(?:[^;\s]+\+)?json\s*(?:;|$)/i;
/** Text in a stated other charset may be valid UTF-8 by accident, and readers would decode it wrongly. */
const UTF8_TEXT = /^text\/[^;\s]+\s*(?:;\s*charset="?utf-8"?\s*)?$/i;
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function utf8Text(payload: string | Uint8Array): string | null {
  if (typeof payload === 'string') return payload;
  try {
    return UTF8.decode(payload);
  } catch {
    return null;
  }
}

/** White space around the text would be lost in reading the envelope, and a line break would end the line. */
function isBareJson(text: string): boolean {
  if (/^\s|[\r\n]|\s$/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
