import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A request as the receiver saw it, with the bytes of its body. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  readonly socket: Socket;
}

/** Answers one request; the body has been read. */
export type Answering = (request: Received, response: ServerResponse, index: number) => void;

/** A real HTTP server for one test. */
export interface Receiver {
  readonly url: string;
  readonly port: number;
  readonly server: Server;
  readonly requests: Received[];
  /** Connections that were ever opened to it. */
  connections: number;
  /** Resolves once this many requests have come in. */
  readonly arrived: (count: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Answers 200 without a body. */
export const accept: Answering = (_request, response) => {
  response.writeHead(200).end();
};

/** Answers every request with the status and what belongs to it. */
export function always(status: number, headers: Record<string, string> = {}, body = ''): Answering {
  return (_request, response) => {
    response.writeHead(status, headers).end(body);
  };
}

/** Answers with the status that belongs to the id of the message, else 200. */
export function byId(answers: Readonly<Record<string, number>>): Answering {
  return (request, response) => {
    response.writeHead(answers[String(request.headers['ce-id'])] ?? 200).end();
  };
}

/** Starts a server on a free port; it ends with the test. */
export async function startReceiver(
  answer: Answering = accept,
  tls: { key: string; cert: string } | null = null,
): Promise<Receiver> {
  const waiting = new Set<() => void>();
  const listener = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const { method = '', url = '', headers, socket } = incoming;
    const request: Received = { method, path: url, headers, body: Buffer.concat(chunks), socket };
    receiver.requests.push(request);
    for (const check of waiting) check();
    answer(request, response, receiver.requests.length - 1);
  };
  const handle = (incoming: IncomingMessage, response: ServerResponse): void => {
    listener(incoming, response).catch(() => response.destroy());
  };
  const server = tls === null ? createServer(handle) : createSecureServer(tls, handle);
  server.on(tls === null ? 'connection' : 'secureConnection', () => {
    receiver.connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const receiver: Receiver = {
    url: `${tls === null ? 'http' : 'https'}://localhost:${port}`,
    port,
    server,
    requests: [],
    connections: 0,
    arrived: (count) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (receiver.requests.length < count) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    close: () =>
      new Promise((resolve) => {
        // Closing twice is fine: the second time the callback gets an error that says so.
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  onTestFinished(() => receiver.close());
  return receiver;
}
