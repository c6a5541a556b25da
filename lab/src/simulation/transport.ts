import { type Message, OutboxError, type PublishResult, type Transport } from '@outrelay/core';
import type { SimulatedProcess } from './process.ts';
import { deliveryOf } from './rows.ts';

const UNHEARD: PublishResult = { status: 'unknown', error: new Error('aborted') };

/** The broker as one process sees it: over a network that delays, loses and keeps silent. */
export function simulatedTransport(process: SimulatedProcess, name: string): Transport {
  const { world } = process;
  const { scheduler, faults, options, random, ledger } = world;
  const unavailable = (): OutboxError => new OutboxError('TRANSPORT_UNAVAILABLE', 'The broker is down.');
  const keepsOrder = options.batchOrder === 'key';
  return {
    spec: 1,
    name,
    capabilities: {
      batchOrder: options.batchOrder,
      confirmation: 'durable',
      deduplication: options.deduplicates ? 'window' : 'consumer',
      limits: { maxMessages: options.callMessages, maxBatchBytes: 1_000_000, maxPayloadBytes: 1_000_000 },
    },
    publish: (messages, signal) => publish(messages, signal),
    close: async () => {},
    connectivity: options.connectivity
      ? {
          check: () =>
            new Promise((resolve, reject) => {
              scheduler.after(random.latency(0.1, 5), process, () => {
                if (faults.brokerDown) reject(unavailable());
                else resolve();
              });
            }),
        }
      : undefined,
  };

  function publish(messages: readonly Message[], signal: AbortSignal): Promise<readonly PublishResult[]> {
    const deliveries = messages.map(deliveryOf);
    const ids = (): string => messages.map(({ id }) => id).join(' ');
    world.note(process.name, 'publish', ids);
    world.checkLease(process, deliveries);
    ledger.publishing(deliveries, keepsOrder);
    if (messages.some(({ headers }) => headers['kills'] !== undefined)) {
      process.crash('a message that kills');
      return new Promise(() => {});
    }
    const fate = faults.brokerCall();
    return new Promise((resolve, reject) => {
      let over = false;
      const answer = (results: readonly PublishResult[]): void => {
        if (over) return;
        over = true;
        for (const [at, delivery] of deliveries.entries())
          ledger.answered(delivery, results[at] as PublishResult);
        world.note(
          process.name,
          'published',
          () => `${ids()}: ${results.map(({ status }) => status).join(' ')}`,
        );
        resolve(results);
      };
      const fail = (error: Error, status: 'failed' | 'unknown' | 'withheld'): void => {
        if (over) return;
        over = true;
        const result = status === 'withheld' ? ({ status } as const) : ({ status, error } as const);
        for (const delivery of deliveries) ledger.answered(delivery, result);
        world.note(process.name, 'published', () => `${ids()}: ${error.message}`);
        reject(error);
      };
      const unknown = (): void => answer(messages.map(() => UNHEARD));
      const heeds = fate.trouble !== 'silent' || random.chance(0.5);
      const heed = (): void => {
        if (heeds) scheduler.after(random.latency(0.1, 3), process, unknown);
        // The relay gives up on a transport that does not heed, and then counts it as silence.
        else if (!over) for (const delivery of deliveries) ledger.answered(delivery, UNHEARD);
      };
      if (signal.aborted) heed();
      else signal.addEventListener('abort', heed, { once: true });
      // A trial with one message is charged for a lost connection (R4.5); which call is one, the transport cannot tell.
      const cut = (): void => fail(unavailable(), messages.length === 1 ? 'failed' : 'withheld');
      const arrive = (): void => {
        if (faults.brokerDown) scheduler.after(fate.backMs, process, cut);
        if (faults.brokerDown || (process.dead && random.chance(0.5))) return;
        const results = world.brokers[name]?.take(messages, keepsOrder) ?? [];
        if (fate.trouble === 'silent') return;
        const lost = fate.trouble === 'lost';
        scheduler.after(fate.backMs + options.publishMs, process, () => {
          if (lost || faults.brokerDown) fail(new Error('the connection ended without an answer'), 'unknown');
          else answer(results);
        });
      };
      if (faults.brokerDown || fate.trouble === 'refused') scheduler.after(fate.thereMs, process, cut);
      else if (fate.trouble !== 'unheard') scheduler.after(fate.thereMs, null, arrive);
    });
  }
}
