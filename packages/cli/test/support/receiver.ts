import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** A real HTTP server for one test. */
export interface Receiver {
  readonly url: string;
  /** Ids of the messages that came, in order, repetitions included. */
  readonly ids: readonly string[];
  /** Resolves when this many requests have come. */
  arrived(count: number): Promise<void>;
}

/** The status with which a request for a topic is answered; `null` for never. */
export type Answer = (topic: string) => number | null | Promise<number>;

/** Starts a server that notes each request and answers it. */
export async function startReceiver(answer: Answer = () => 204): Promise<Receiver> {
  const ids: string[] = [];
  const look = new Set<() => void>();
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      ids.push(String(request.headers['ce-id']));
      for (const check of look) check();
      void Promise.resolve(answer(String(request.headers['ce-type']))).then((status) => {
        if (status !== null) response.writeHead(status).end();
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    ids,
    arrived: (count) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (ids.length < count) return;
          look.delete(check);
          resolve();
        };
        look.add(check);
        check();
      }),
  };
}
