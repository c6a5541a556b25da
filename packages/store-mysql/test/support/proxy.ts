import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Whether a packet is the query COMMIT: its header and command, for some servers attributes, and the text. */
function isCommit(chunk: Buffer): boolean {
  return chunk.length < 24 && chunk.subarray(-6).toString('latin1') === 'COMMIT';
}

/** A stop that is to come. */
interface Stop {
  readonly reached: () => void;
  readonly resumed: Promise<void>;
  /** Whether a transaction is sure to come; else the answer to the first query is what is held back. */
  readonly commits: boolean;
}

/** Stands between stores and their server, so that a test can cut them off, or stop them before a commit. */
export class Proxy {
  readonly #target: { readonly host: string; readonly port: number };
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;
  #port = 0;
  #stop: Stop | null = null;

  constructor(target: { readonly host: string; readonly port: number }) {
    this.#target = target;
  }

  get port(): number {
    return this.#port;
  }

  /** Starts to listen, on the port of the last time. */
  async listen(): Promise<void> {
    const server = createServer((client) => this.#join(client));
    server.listen(this.#port, '127.0.0.1');
    server.unref();
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** Cuts all connections and refuses new ones. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    for (const socket of this.#sockets) socket.destroy();
    if (server !== null) {
      server.close();
      await once(server, 'close');
    }
  }

  /** Holds the next COMMIT back until `resume` is called, or, where none is sure to come, the next answer. */
  stopNext(commits: boolean): { readonly reached: Promise<void>; resume(): void } {
    let resume = (): void => {};
    const resumed = new Promise<void>((resolve) => (resume = resolve));
    const reached = new Promise<void>((resolve) => {
      this.#stop = { reached: resolve, resumed, commits };
    });
    return { reached, resume: () => resume() };
  }

  #join(client: Socket): void {
    const server = connect(this.#target);
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      // What is in flight when a test ends is nothing that its store keeps.
      socket.unref();
      socket.on('error', () => {});
    }
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      one.on('close', () => {
        this.#sockets.delete(one);
        other.destroy();
      });
      const isClient = one === client;
      one.on('data', (chunk: Buffer) => {
        const stop = this.#stop;
        if (stop === null || isClient !== stop.commits || (stop.commits && !isCommit(chunk))) {
          other.write(chunk);
          return;
        }
        this.#stop = null;
        one.pause();
        stop.reached();
        void stop.resumed.then(() => {
          other.write(chunk);
          one.resume();
        });
      });
    }
  }
}
