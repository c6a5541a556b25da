import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { BrokerAccess, Provocation, ReceivedMessage, TransportHarness } from '@outrelay/conformance';
import type { Transport } from '@outrelay/core';
import { capabilities, type HttpTransportOptions, httpTransport, parseHttpMessage } from '../../src/index.ts';

const SECRET = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';
const PASSWORD = 's3cret-of-the-relay';
/** Enough for a healthy answer on a slow machine, and short enough to wait for in full. */
const TIMEOUT_MS = 4_000;

/** What is done with the messages of an id instead of taking them. */
type Treatment = (message: ReceivedMessage, response: ServerResponse) => void;

/** A real receiver that takes messages, signatures checked, and treats some of them badly when it is told to. */
class Endpoint implements BrokerAccess {
  readonly treatments: Map<string, Treatment> = new Map();
  readonly #format: HttpTransportOptions['format'];
  readonly #taken: ReceivedMessage[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #deaf = new WeakSet<Socket>();
  #server: Server | null = null;
  #port = 0;

  constructor(format: HttpTransportOptions['format']) {
    this.#format = format;
  }

  async start(): Promise<void> {
    const server = createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    await new Promise<void>((resolve) => {
      if (server === null) resolve();
      else server.close(() => resolve());
      for (const socket of this.#sockets) socket.destroy();
    });
  }

  /** Nothing more is heard from connections that are open now, and none of them ends. */
  freeze(): void {
    for (const socket of this.#sockets) this.#deaf.add(socket);
  }

  connect(): Transport {
    const base = `http://relay:${PASSWORD}@127.0.0.1:${this.#port}`;
    return httpTransport({
      url: `${base}/hook`,
      urls: { 'gone.*': `${base}/gone` },
      secret: SECRET,
      format: this.#format,
      timeoutMs: TIMEOUT_MS,
    });
  }

  destination(label: string): Promise<string> {
    return Promise.resolve(label);
  }

  received(): Promise<readonly ReceivedMessage[]> {
    return Promise.resolve([...this.#taken]);
  }

  remove(): Promise<void> {
    return this.stop();
  }

  take(message: ReceivedMessage): void {
    this.#taken.push(message);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    if (this.#deaf.has(request.socket)) return;
    if (request.url !== '/hook') {
      response.writeHead(404).end();
      return;
    }
    const { id, topic, key, headers, payload, contentType } = parseHttpMessage(request.headers, body, {
      secrets: SECRET,
    });
    const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
    const message = { id, topic, key, headers, payload: bytes, contentType };
    const treatment = this.treatments.get(id);
    if (treatment !== undefined) {
      treatment(message, response);
      return;
    }
    this.take(message);
    response.writeHead(204).end();
  }
}

let provocations = 0;

function provoke({ treatments }: Endpoint, treatment: Treatment, lift = () => {}): Promise<Provocation> {
  const id = `treated-${++provocations}`;
  treatments.set(id, treatment);
  const end = (): Promise<void> => {
    treatments.delete(id);
    lift();
    return Promise.resolve();
  };
  return Promise.resolve({ message: { id }, scope: 'message', lift: end });
}

function answering(status: number, headers: Record<string, string> = {}): Treatment {
  return (_message, response) => {
    response.writeHead(status, headers).end();
  };
}

/** The harness of a real HTTP server, whose faults are those of receivers: statuses, silence, cut connections. */
export function httpHarness(format: HttpTransportOptions['format']): TransportHarness<Endpoint> {
  return {
    kind: 'transport',
    name: `transport-http, ${format} format`,
    capabilities,
    facets: ['connectivity'],
    deviations: [
      {
        clause: 'T2.1',
        case: '{"$where":"1","$gt":""} $set a.b',
        reason: 'Standard Webhooks signs id and body with a full stop between them, so an id must hold none',
        issue: 'packages/transport-http/README.md#outcomes',
      },
    ],
    async open() {
      const endpoint = new Endpoint(format);
      await endpoint.start();
      return endpoint;
    },
    powers: {
      provokeRejection: (endpoint) => provoke(endpoint, answering(422)),
      provokeFailure: (endpoint) => provoke(endpoint, answering(503)),
      provokeThrottling: (endpoint, _topic, retryAfterMs) =>
        provoke(endpoint, answering(429, { 'retry-after': String(retryAfterMs / 1_000) })),
      // It has the message, and the answer never comes.
      provokeSilence: (endpoint) =>
        provoke(endpoint, (message, response) => {
          endpoint.take(message);
          response.destroy();
        }),
      provokeHang(endpoint) {
        const held: (() => void)[] = [];
        return provoke(
          endpoint,
          (message, response) => {
            held.push(() => {
              endpoint.take(message);
              response.writeHead(204).end();
            });
          },
          () => {
            for (const answer of held) answer();
          },
        );
      },
      async stopBroker(endpoint) {
        await endpoint.stop();
        return () => endpoint.start();
      },
      async killBroker(endpoint) {
        await endpoint.stop();
        await endpoint.start();
      },
      freezeConnections(endpoint) {
        endpoint.freeze();
        return Promise.resolve(() => Promise.resolve());
      },
      noticesDeathWithinMs: TIMEOUT_MS,
      missingDestination: () => Promise.resolve('gone.for.good'),
      secrets: [SECRET, PASSWORD],
      reservedHeaders: ['ce-id', 'ce-type', 'webhook-id', 'webhook-signature', 'content-encoding', 'expect'],
    },
  };
}
