import type { Transport } from '@outrelay/core';
import { redisTransport } from '@outrelay/transport-redis';
import { Redis } from 'ioredis';
import { type Setting, option, urlOf } from '../harness/contender.ts';
import { TOPIC } from '../workload.ts';

/** Where messages go, as the benchmark sees it. */
export interface Broker {
  readonly transport: Transport;
  /** Forgets all messages. */
  clear(): Promise<void>;
  /** How many messages there are. */
  count(): Promise<number>;
  close(): Promise<void>;
}

/** The broker that the option `to` names. */
export function brokerOf(setting: Setting): Broker {
  return option(setting, 'to') === 'redis' ? redisBroker(urlOf(setting, 'redis')) : nullBroker();
}

/** Redis Streams. */
function redisBroker(url: string): Broker {
  const transport = redisTransport({ url });
  const redis = new Redis(url);
  return {
    transport,
    async clear() {
      await redis.flushall();
    },
    count: () => redis.xlen(TOPIC),
    async close() {
      await transport.close();
      redis.disconnect();
    },
  };
}

/** Takes everything at once and keeps nothing, which leaves the cost of the store and the engine. */
function nullBroker(): Broker {
  let count = 0;
  return {
    transport: {
      spec: 1,
      name: 'null',
      capabilities: {
        batchOrder: 'key',
        confirmation: 'received',
        deduplication: 'consumer',
        limits: { maxMessages: 100_000, maxBatchBytes: 2 ** 30, maxPayloadBytes: 2 ** 30 },
      },
      async publish(messages) {
        count += messages.length;
        return messages.map(() => ({ status: 'accepted' }));
      },
      async close() {},
    },
    async clear() {
      count = 0;
    },
    count: async () => count,
    async close() {},
  };
}
