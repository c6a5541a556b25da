import type { Transport, TransportCapabilities } from '@outrelay/core';
import { checkConnectivity } from './connectivity.ts';
import { Endpoints } from './endpoint.ts';
import { type HttpTransportOptions, readHttpOptions } from './options.ts';
import { publish } from './publish.ts';

/** What the HTTP transport observably does. */
export const capabilities: TransportCapabilities = {
  batchOrder: 'key',
  confirmation: 'received',
  deduplication: 'consumer',
  limits: { maxMessages: 500, maxBatchBytes: 16 * 1024 * 1024, maxPayloadBytes: 16 * 1024 * 1024 },
};

/**
 * Delivers messages as webhooks: one POST request per message, a CloudEvent, signed by Standard Webhooks if a secret
 * is given.
 *
 * A 2xx status is the receiver's word that it has the message; what it does with it from there is its own business.
 * Delivery is at least once: a receiver sees a message again when its answer was lost, under the same `webhook-id`.
 *
 * ```ts
 * import { httpTransport } from '@outrelay/transport-http';
 *
 * const transport = httpTransport({
 *   url: 'https://example.com/webhooks',
 *   secret: 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD',
 * });
 * ```
 *
 * @throws TypeError for an option that is missing, unknown or has a wrong value; it never shows a secret
 */
export function httpTransport(options: HttpTransportOptions): Transport {
  const settings = readHttpOptions(options);
  const endpoints = new Endpoints(settings);
  const calls = new Set<Promise<unknown>>();

  async function track<T>(call: Promise<T>): Promise<T> {
    calls.add(call);
    try {
      return await call;
    } finally {
      calls.delete(call);
    }
  }

  return {
    spec: 1,
    name: 'http',
    capabilities,
    publish: (messages, signal) => track(publish(messages, endpoints, settings, signal)),
    async close() {
      await Promise.allSettled(calls);
      endpoints.destroy();
    },
    connectivity: {
      check: (signal) => track(checkConnectivity(endpoints.all, settings.timeoutMs, signal)),
    },
  };
}
