import { createConsumer, type MessageSource } from '@outrelay/core';
import { redisSource } from '@outrelay/transport-redis';
import { GROUP, streamsOf } from '../destinations/redis.ts';
import { setting } from '../process.ts';
import { apply } from './apply.ts';
import type { Receiving } from './receiving.ts';
import type { Warehouse } from './warehouse.ts';

/** Reads the streams of the run in a consumer group, and lets each message have its effects once. */
export function receiveFromRedis(
  warehouse: Warehouse,
  {
    url,
    name,
    withoutInbox,
  }: { readonly url: string; readonly name: string; readonly withoutInbox: boolean },
): Receiving {
  const source = watched(
    redisSource({
      url,
      streams: streamsOf(name),
      group: GROUP,
      // A name that stays: the process that is started after a kill first gets what the dead one had in hands, and only
      // then what came later. With another name it would get that later, and out of order.
      consumer: 'warehouse-1',
    }),
    warehouse,
  );
  const consumer = withoutInbox
    ? careless(source, warehouse)
    : createConsumer({ name: 'warehouse', store: warehouse.store, source, handler: apply });
  consumer.start();
  return {
    url,
    async stop() {
      await consumer.stop();
      await source.close();
    },
  };
}

/**
 * The source, and two things for the demo: deliveries are written down for the ledger, and the process dies after so
 * many of them, at the worst moment that there is: effects are committed, and Redis does not know of it yet.
 */
function watched(source: MessageSource, warehouse: Warehouse): MessageSource {
  const dieAfter = Number(setting('CONSUMER_DIES_AFTER'));
  let received = 0;
  return {
    ...source,
    async receive(request, signal) {
      const deliveries = await source.receive(request, signal);
      received += deliveries.length;
      warehouse.note(
        deliveries.flatMap(({ message }) => message ?? []),
        false,
      );
      return deliveries;
    },
    async acknowledge(deliveries) {
      if (received >= dieAfter) process.kill(process.pid, 'SIGKILL');
      await source.acknowledge(deliveries);
    },
  };
}

/** A consumer that applies whatever comes: the mistake that an inbox prevents. */
function careless(source: MessageSource, warehouse: Warehouse): { start(): void; stop(): Promise<void> } {
  const ending = new AbortController();
  let working = Promise.resolve();
  const work = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      const deliveries = await source.receive({ limit: 100, waitMs: 1_000 }, ending.signal);
      for (const { message } of deliveries) if (message !== null) warehouse.applyWithoutInbox(message);
      await source.acknowledge(deliveries);
    }
  };
  return {
    start() {
      working = work();
    },
    async stop() {
      ending.abort();
      await working;
    },
  };
}
