import type { OwnRedis } from './redis.ts';
import type { startProxy } from './proxy.ts';

/** What is done to the server and to the way to it, for harnesses of both sides. */
export interface BrokerPowers {
  stopBroker(): Promise<() => Promise<void>>;
  killBroker(): Promise<void>;
  freezeConnections(place: {
    readonly proxy: Awaited<ReturnType<typeof startProxy>>;
  }): Promise<() => Promise<void>>;
}

/** The powers over a server of the tests' own. */
export function brokerPowers(server: () => OwnRedis): BrokerPowers {
  return {
    async stopBroker() {
      await server().stop();
      return () => server().start();
    },
    async killBroker() {
      await server().kill();
      await server().start();
    },
    async freezeConnections({ proxy }) {
      proxy.freeze();
      return () => Promise.resolve();
    },
  };
}
