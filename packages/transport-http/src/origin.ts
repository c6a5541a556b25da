import * as http from 'node:http';
import * as https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { bareHost, publicLookup } from './address.ts';
import { Gate } from './gate.ts';

/** How connections to an origin are opened. */
export interface OriginOptions {
  readonly concurrency: number;
  readonly allowPrivateAddresses: boolean;
  /** All certificates to trust; `undefined` for the default ones. */
  readonly ca: string[] | undefined;
}

/** What `node:net`, `node:tls`, `node:http` and `node:https` all take to open a connection. */
export interface ConnectionOptions {
  readonly host: string;
  readonly port: number;
  readonly lookup?: LookupFunction;
  readonly ca?: string[];
  /** Stated, because an environment variable of Node can turn the default off. */
  readonly rejectUnauthorized: true;
  /** The name for TLS to ask for and to verify; absent for an address, which has none. */
  readonly servername?: string;
}

/** A connection left idle this long is closed: many a network forgets it silently soon after. In milliseconds. */
const IDLE_MS = 10_000;

/** A scheme, host and port: what is reachable or not as a whole, with its kept-alive connections. */
export class Origin {
  /** For texts, for example `https://example.com`; without credentials and path. */
  readonly name: string;
  readonly secure: boolean;
  readonly connection: ConnectionOptions;
  readonly gate: Gate;
  readonly #agent: http.Agent;

  constructor(url: URL, { concurrency, allowPrivateAddresses, ca }: OriginOptions) {
    const host = bareHost(url);
    this.name = url.origin;
    this.secure = url.protocol === 'https:';
    this.connection = {
      host,
      port: url.port === '' ? (this.secure ? 443 : 80) : Number(url.port),
      rejectUnauthorized: true,
      ...(allowPrivateAddresses ? {} : { lookup: publicLookup() }),
      ...(ca === undefined ? {} : { ca }),
      ...(isIP(host) === 0 ? { servername: host } : {}),
    };
    this.gate = new Gate(concurrency);
    // No bound on sockets here: the gate bounds requests, and one that waited inside the agent for a socket would
    // not say that the socket was used before.
    const options = { keepAlive: true, maxFreeSockets: concurrency, timeout: IDLE_MS };
    this.#agent = this.secure ? new https.Agent(options) : new http.Agent(options);
  }

  /**
   * Begins a POST request.
   *
   * @param fresh - on a connection of its own, which is closed after it, instead of a kept-alive one
   */
  post(path: string, headers: http.OutgoingHttpHeaders, fresh: boolean): http.ClientRequest {
    const options = { ...this.connection, method: 'POST', path, headers, agent: fresh ? false : this.#agent };
    return this.secure ? https.request(options) : http.request(options);
  }

  /** Ends the connections. */
  destroy(): void {
    this.#agent.destroy();
  }
}
