import { validateHeaderName, validateHeaderValue } from 'node:http';
import { any, boolean, describe, integer, oneOf, readOptions, text } from '@outrelay/core';
import { readSigningKey, type SigningKey } from './signature.ts';

/** The options of {@link httpTransport}. */
export interface HttpTransportOptions {
  /**
   * Where messages are sent whose topic `urls` does not cover: `http:` or `https:`. A user and password in it become
   * an `Authorization` header. Default: none, `urls` has to cover every topic.
   */
  readonly url?: string | URL | undefined;
  /**
   * Where messages are sent by topic: an exact topic, `prefix.*` or `*`, the most specific one wins. A message that
   * nothing covers is `failed`. Default: everything goes to `url`.
   */
  readonly urls?: Readonly<Record<string, string | URL>> | undefined;
  /** Sent with every request, to every URL. Default: none. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** A Standard Webhooks secret, `whsec_…` or `whsk_…`, to sign with. Default: requests are not signed, also with `undefined`. */
  readonly secret?: string | undefined;
  /** Several secrets instead of `secret`: every request carries a signature of each. */
  readonly secrets?: readonly string[] | undefined;
  /**
   * `'binary'` (default): the body is the payload, CloudEvents attributes are headers. `'structured'`: the body is an
   * `application/cloudevents+json` document with the payload in it, and a signature covers all of it.
   */
  readonly format?: 'binary' | 'structured' | undefined;
  /** The `source` attribute of the events, a URI reference. Default: `outrelay`. */
  readonly source?: string | undefined;
  /** Requests under way at a time, per origin (scheme, host and port). Default: 16. */
  readonly concurrency?: number | undefined;
  /** Milliseconds for one message, from connecting to the status line. Default: 15,000. */
  readonly timeoutMs?: number | undefined;
  /**
   * `false` refuses every address that is not of the public internet, when connecting and for each connection anew:
   * for URLs that come from others. Default: `true`.
   */
  readonly allowPrivateAddresses?: boolean | undefined;
  /** Certificates in PEM that are trusted besides the usual ones. Servers are always verified. Default: none. */
  readonly ca?: string | readonly string[] | undefined;
}

/** What remains of the options once every single one is checked; URLs and certificates are checked where used. */
export interface HttpOptions {
  readonly url: unknown;
  readonly urls: unknown;
  readonly headers: Readonly<Record<string, string>>;
  readonly keys: readonly SigningKey[];
  readonly format: 'binary' | 'structured';
  readonly source: string;
  readonly concurrency: number;
  readonly timeoutMs: number;
  readonly allowPrivateAddresses: boolean;
  readonly ca: unknown;
}

/** Checks the options; throws a `TypeError` that names the option and holds no secret. */
export function readHttpOptions(options: unknown): HttpOptions {
  const { secret, secrets, ...settings } = readOptions('httpTransport', options, {
    url: any<unknown>(undefined),
    urls: any<unknown>(undefined),
    headers: readHeaders,
    secret: any<unknown>(undefined),
    secrets: any<unknown>(undefined),
    format: oneOf<'binary' | 'structured'>('binary', ['binary', 'structured']),
    source: readSource,
    concurrency: integer(16, 1, 1024),
    timeoutMs: integer(15_000, 1, 3_600_000),
    allowPrivateAddresses: boolean(true),
    ca: any<unknown>(undefined),
  });
  return { ...settings, keys: readKeys(secret, secrets) };
}

/** Headers that the transport sets itself, or that belong to the connection. */
const RESERVED =
  /^(?:ce-.*|webhook-.*|content-(?:type|length|encoding)|transfer-encoding|connection|keep-alive|proxy-.*|upgrade|expect|te|trailer|host|traceparent|tracestate)$/;

function readHeaders(value: unknown, name: string): Readonly<Record<string, string>> {
  if (value === undefined) return {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError(`${name} must be an object of texts; got ${describe(value)}.`);
  }
  const headers: Record<string, string> = {};
  for (const [header, content] of Object.entries(value)) {
    const lower = header.toLowerCase();
    if (RESERVED.test(lower)) {
      throw new TypeError(`${name} holds "${lower}", which the transport or the connection sets.`);
    }
    if (Object.hasOwn(headers, lower)) throw new TypeError(`${name} holds "${lower}" twice.`);
    headers[lower] = readHeader(lower, content, name);
  }
  return headers;
}

function readHeader(header: string, content: unknown, name: string): string {
  if (typeof content !== 'string') {
    throw new TypeError(`${name} must give "${header}" a text; got ${describe(content)}.`);
  }
  try {
    validateHeaderName(header);
    validateHeaderValue(header, content);
  } catch {
    throw new TypeError(
      `${name} holds ${JSON.stringify(header)}, whose name or value no HTTP header can have.`,
    );
  }
  return content;
}

function readSource(value: unknown, name: string): string {
  const source = text('outrelay')(value, name);
  if (/^[\x21-\x7e]+$/.test(source)) return source;
  throw new TypeError(`${name} must be a URI reference, in printable ASCII without spaces.`);
}

function readKeys(secret: unknown, secrets: unknown): readonly SigningKey[] {
  if (secret === undefined && secrets === undefined) return [];
  if (secret !== undefined && secrets !== undefined) {
    throw new TypeError('httpTransport takes "secret" or "secrets"; got both.');
  }
  if (secret !== undefined) return [readSigningKey(secret, 'httpTransport: option "secret"')];
  if (!Array.isArray(secrets) || secrets.length === 0) {
    throw new TypeError(
      `httpTransport: option "secrets" must be an array of at least one secret; got ${describe(secrets)}.`,
    );
  }
  return secrets.map((entry, at) => readSigningKey(entry, `httpTransport: option "secrets[${at}]"`));
}
