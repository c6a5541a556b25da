import type { Transport, TransportCapabilities } from '@outrelay/core';
import { Cancellation } from './cancellation.ts';
import { connect } from './connect.ts';
import { checkConnectivity } from './connectivity.ts';
import { type RedisSettings, type RedisTransportOptions, readRedisOptions } from './options.ts';
import { publish } from './publish.ts';
import { CommandWriter } from './script.ts';
import { Watchdog } from './watchdog.ts';

/** What the Redis transport observably does, with default options; `waitAof` makes the confirmation `durable`. */
export const capabilities: TransportCapabilities = {
  batchOrder: 'key',
  confirmation: 'received',
  deduplication: 'consumer',
  limits: { maxMessages: 10_000, maxBatchBytes: 16 * 1_048_576, maxPayloadBytes: 16 * 1_048_576 },
};

/**
 * Adds messages to Redis Streams, one entry per message, through ioredis: single node, Sentinel or Cluster.
 *
 * What is accepted has been stored by the primary, and is as safe as its persistence and replication: with `wait` and
 * `waitAof` the transport asks for more. Delivery is at least once; consumers recognise a repeated message by its id.
 *
 * ```ts
 * import { redisTransport } from '@outrelay/transport-redis';
 *
 * const transport = redisTransport({ url: 'redis://localhost:6379' });
 * ```
 *
 * @throws TypeError for an option that is missing, unknown or has a wrong value; it never shows a password
 */
export function redisTransport(options: RedisTransportOptions): Transport {
  const { settings, target } = readRedisOptions(options);
  const servers = connect(target, settings.connectTimeoutMs);
  const writer = new CommandWriter(settings.maxLength);
  const watchdog = new Watchdog(() => servers.open(), settings.pingIntervalMs, settings.commandTimeoutMs);
  const calls = new Set<Promise<unknown>>();

  async function track<T>(call: Promise<T>): Promise<T> {
    calls.add(call);
    try {
      return await call;
    } finally {
      calls.delete(call);
    }
  }

  async function check(signal: AbortSignal): Promise<void> {
    const cancellation = new Cancellation(signal);
    try {
      await checkConnectivity(servers, settings, cancellation);
    } finally {
      cancellation.end();
    }
  }

  return {
    spec: 1,
    name: 'redis',
    capabilities: capabilitiesWith(settings),
    publish: (messages, signal) => track(publish(messages, servers, writer, settings, signal)),
    async close() {
      await Promise.allSettled(calls);
      watchdog.stop();
      await servers.close();
    },
    connectivity: { check: (signal) => track(check(signal)) },
  };
}

function capabilitiesWith({ durable, maxPayloadBytes }: RedisSettings): TransportCapabilities {
  const { limits } = capabilities;
  return {
    ...capabilities,
    confirmation: durable ? 'durable' : 'received',
    limits: { ...limits, maxPayloadBytes, maxBatchBytes: Math.max(limits.maxBatchBytes, maxPayloadBytes) },
  };
}
