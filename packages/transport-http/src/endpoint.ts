import { isIP } from 'node:net';
import { describe, TopicTable } from '@outrelay/core';
import { bareHost, isPublicAddress } from './address.ts';
import { trusted } from './certificates.ts';
import type { HttpOptions } from './options.ts';
import { Origin } from './origin.ts';

/** A URL that messages are sent to. */
export interface Endpoint {
  readonly origin: Origin;
  /** Path and query. Never shown: many a webhook has its secret there. */
  readonly path: string;
  /** Sent with every request to it. */
  readonly headers: Readonly<Record<string, string>>;
  /** What an answer may repeat of the URL and the headers, and an error text must not. */
  readonly confidential: readonly string[];
  /** Whether it answered 410: it wants no more messages, for as long as this transport lives. */
  gone: boolean;
}

/** The endpoints of a transport, by topic. */
export class Endpoints {
  readonly #byUrl = new Map<string, Endpoint>();
  readonly #origins = new Map<string, Origin>();
  readonly #byTopic: TopicTable<Endpoint>;
  readonly #otherwise: Endpoint | undefined;
  readonly #options: HttpOptions;
  readonly #ca: string[] | undefined;

  constructor(options: HttpOptions) {
    this.#options = options;
    this.#ca = trusted(options.ca);
    const { url, urls = {} } = options;
    if (typeof urls !== 'object' || urls === null || Array.isArray(urls)) {
      throw new TypeError(`httpTransport: option "urls" must map topics to URLs; got ${describe(urls)}.`);
    }
    this.#otherwise = url === undefined ? undefined : this.#endpoint(url, 'httpTransport: option "url"');
    this.#byTopic = new TopicTable(
      Object.entries(urls).map(([pattern, value]) => [
        pattern,
        this.#endpoint(value, `httpTransport: option "urls[${JSON.stringify(pattern)}]"`),
      ]),
    );
    if (this.#byUrl.size === 0) throw new TypeError('httpTransport needs the option "url", "urls" or both.');
  }

  get(topic: string): Endpoint | undefined {
    return this.#byTopic.get(topic) ?? this.#otherwise;
  }

  get all(): readonly Endpoint[] {
    return [...this.#byUrl.values()];
  }

  /** Ends the connections of all origins. */
  destroy(): void {
    for (const origin of this.#origins.values()) origin.destroy();
  }

  #endpoint(value: unknown, name: string): Endpoint {
    const url = readUrl(value, name);
    const known = this.#byUrl.get(url.href);
    if (known !== undefined) return known;
    if (!this.#options.allowPrivateAddresses) refusePrivate(url, name);
    const path = `${url.pathname}${url.search}`;
    const { authorization, secrets } = readCredentials(url, name);
    if (authorization !== null && Object.hasOwn(this.#options.headers, 'authorization')) {
      throw new TypeError(`${name} holds credentials, and option "headers" has "authorization"; give one.`);
    }
    const headers = {
      'user-agent': 'outrelay',
      ...this.#options.headers,
      ...(authorization === null ? {} : { authorization }),
    };
    const confidential = [
      ...secrets,
      ...Object.values(this.#options.headers).flatMap((text) => tokens(text, /\s+/, 8)),
      ...tokens(path, /[/?&=]/, 12),
    ];
    const endpoint: Endpoint = { origin: this.#origin(url), path, headers, confidential, gone: false };
    this.#byUrl.set(url.href, endpoint);
    return endpoint;
  }

  #origin(url: URL): Origin {
    const { concurrency, allowPrivateAddresses } = this.#options;
    const origin =
      this.#origins.get(url.origin) ?? new Origin(url, { concurrency, allowPrivateAddresses, ca: this.#ca });
    this.#origins.set(url.origin, origin);
    return origin;
  }
}

function readUrl(value: unknown, name: string): URL {
  const text = value instanceof URL ? value.href : value;
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : null;
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) {
    url.hash = '';
    return url;
  }
  // The text is not shown: a URL with a typing error still holds its password.
  throw new TypeError(`${name} must be a URL that begins with "http://" or "https://".`);
}

/** An address in the URL itself is never resolved, so the resolver of the sockets would not see it. */
function refusePrivate(url: URL, name: string): void {
  const host = bareHost(url);
  if (isIP(host) === 0 || isPublicAddress(host)) return;
  throw new TypeError(`${name} has the private address ${host}, and allowPrivateAddresses is false.`);
}

interface Credentials {
  readonly authorization: string | null;
  readonly secrets: readonly string[];
}

function readCredentials(url: URL, name: string): Credentials {
  if (url.username === '' && url.password === '') return { authorization: null, secrets: [] };
  try {
    const password = decodeURIComponent(url.password);
    const pair = Buffer.from(`${decodeURIComponent(url.username)}:${password}`).toString('base64');
    return { authorization: `Basic ${pair}`, secrets: [pair, password, url.password] };
  } catch {
    throw new TypeError(`${name} holds credentials with a percent sign that encodes nothing.`);
  }
}

function tokens(text: string, separator: RegExp, minLength: number): readonly string[] {
  return [text, ...text.split(separator)].filter((part) => part.length >= minLength && part !== '/');
}
