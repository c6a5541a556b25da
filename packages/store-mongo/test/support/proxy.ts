import { connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP proxy in front of a server, which cuts connections and turns new ones away. */
export class Proxy {
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #open = true;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(target: { readonly host: string; readonly port: number }): Promise<Proxy> {
    const server = createServer({ noDelay: true });
    const proxy = new Proxy(server);
    server.on('connection', (near) => proxy.#pass(near, target));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    server.unref();
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  /**
   * Cuts what is open by a reset, as a firewall would. Where a connection ends in good order instead, a driver that writes
   * to it in the same turn may wait for ever to be allowed to write more.
   */
  cut(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.resetAndDestroy();
  }

  /** Cuts what is open and turns away what comes, until the answer is called. */
  outage(): () => Promise<void> {
    this.#open = false;
    this.cut();
    return async () => {
      this.#open = true;
    };
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #pass(near: Socket, target: { readonly host: string; readonly port: number }): void {
    near.on('error', () => {});
    if (!this.#open) {
      near.destroy();
      return;
    }
    const far = connect({ ...target, noDelay: true });
    const pair = [near, far] as const;
    this.#pairs.add(pair);
    for (const [from, to] of [pair, [far, near] as const]) {
      from.on('error', () => {});
      from.on('close', () => {
        to.destroy();
        this.#pairs.delete(pair);
      });
      from.pipe(to);
    }
  }
}
