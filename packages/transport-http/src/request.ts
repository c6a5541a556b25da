import { BYTES_TYPE, cloudEventAttributes, cloudEventJson, type Message } from '@outrelay/core';
import { encodeHeaderText } from './header-text.ts';
import {
  ID_HEADER,
  SIGNATURE_HEADER,
  type SigningKey,
  signedContent,
  TIMESTAMP_HEADER,
} from './signature.ts';

/** CloudEvents header that tells a payload of `null` from an empty one in the binary format. */
export const NO_DATA_HEADER = 'ce-outrelaynodata';

/** A message as a request: everything but what each attempt has of its own. */
export interface Composed {
  readonly topic: string;
  /** The deduplication id as the header value that is sent and signed. */
  readonly webhookId: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Turns a message into a request; copies the payload, so that the caller's bytes may change afterwards. */
export function compose(message: Message, format: 'binary' | 'structured', source: string): Composed {
  const { topic } = message;
  const webhookId = encodeHeaderText(message.deduplicationId);
  const trace = traceHeaders(message);
  if (format === 'structured') {
    return {
      topic,
      webhookId,
      headers: { ...trace, 'content-type': 'application/cloudevents+json; charset=utf-8' },
      body: Buffer.from(cloudEventJson(message, source)),
    };
  }
  const headers: Record<string, string> = { ...trace };
  const { datacontenttype, ...attributes } = cloudEventAttributes(message, source);
  for (const [name, value] of Object.entries(attributes)) headers[`ce-${name}`] = encodeHeaderText(value);
  headers['content-type'] = datacontenttype;
  if (/^application\/cloudevents/i.test(datacontenttype)) {
    // A payload that is itself a CloudEvent: under its own type, receivers would take it for the structured format.
    headers['content-type'] = BYTES_TYPE;
    headers['ce-outrelaycontenttype'] = encodeHeaderText(datacontenttype);
  }
  if (message.payload === null) headers[NO_DATA_HEADER] = 'true';
  return { topic, webhookId, headers, body: Buffer.from(message.payload ?? '') };
}

/** The headers of one attempt, signed with every key. */
export function attemptHeaders(
  { webhookId, headers, body }: Composed,
  endpointHeaders: Readonly<Record<string, string>>,
  keys: readonly SigningKey[],
  nowMs: number,
): Record<string, string> {
  const timestamp = String(Math.floor(nowMs / 1000));
  const all: Record<string, string> = {
    ...endpointHeaders,
    ...headers,
    'content-length': String(body.length),
    [ID_HEADER]: webhookId,
    [TIMESTAMP_HEADER]: timestamp,
  };
  if (keys.length > 0) {
    const content = signedContent(webhookId, timestamp, body);
    all[SIGNATURE_HEADER] = keys.map((key) => key.sign(content)).join(' ');
  }
  return all;
}

/**
 * The W3C trace context under its own header names, which is where tracing middleware looks (the CloudEvents binding
 * allows it besides the `ce-` form). A value that no header can carry stays in the `ce-` form alone.
 */
function traceHeaders({ headers }: Message): Record<string, string> {
  const trace: Record<string, string> = {};
  for (const name of ['traceparent', 'tracestate']) {
    const value = headers[name];
    if (value !== undefined && /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value)) trace[name] = value;
  }
  return trace;
}
