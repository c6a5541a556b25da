import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** A TCP proxy in front of a server, which can misbehave as networks do. */
export interface Proxy {
  readonly port: number;
  readonly url: string;
  /** Connections that were ever opened to it. */
  readonly connections: number;
  /** Passes nothing on any more, in either direction, and closes nothing: half-open TCP. New connections pass. */
  freeze(): void;
  /** Passes answers on no more, requests still. */
  swallowReplies(): void;
  /** Closes all connections at once. */
  cut(): void;
  /** Accepts connections and never answers. */
  mute(): void;
  close(): Promise<void>;
}

/** Starts a proxy in front of a port of this machine; it ends with the test. */
export async function testProxy(targetPort: number): Promise<Proxy> {
  const proxy = await startProxy(targetPort);
  onTestFinished(() => proxy.close());
  return proxy;
}

/** Starts a proxy that the caller closes. */
export async function startProxy(targetPort: number): Promise<Proxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  const unanswered = new Set<Socket>();
  let connections = 0;
  let muted = false;
  const server = createServer((near) => {
    connections++;
    near.on('error', () => near.destroy());
    if (muted) {
      unanswered.add(near);
      return;
    }
    const far = connect({ host: '127.0.0.1', port: targetPort });
    const pair = [near, far] as const;
    pairs.add(pair);
    far.on('error', () => far.destroy());
    near.pipe(far);
    far.pipe(near);
    for (const [one, other] of [pair, [far, near] as const]) {
      one.on('close', () => {
        pairs.delete(pair);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const cut = (): void => {
    for (const [near] of [...pairs]) near.resetAndDestroy();
  };
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    get connections() {
      return connections;
    },
    freeze() {
      for (const [near, far] of pairs) {
        near.unpipe(far).pause();
        far.unpipe(near).pause();
      }
    },
    swallowReplies() {
      for (const [near, far] of pairs) far.unpipe(near).resume();
    },
    cut,
    mute() {
      muted = true;
      cut();
    },
    close() {
      cut();
      for (const socket of unanswered) socket.destroy();
      return new Promise((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}
