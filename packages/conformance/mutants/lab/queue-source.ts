import { setTimeout as sleep } from 'node:timers/promises';
import {
  type MessageSource,
  OutboxError,
  type SourceCapabilities,
  type SourceDelivery,
} from '@outrelay/core';
import type { Queue, QueueConnection, QueueEntry, QueueGroup } from './queue.ts';

/** Milliseconds without an answer after which a connection counts as dead. */
export const DEAD_CONNECTION_MS = 100;
const STEP_MS = 2;

export const queueCapabilities: SourceCapabilities = { redelivery: 'counted', rejected: 'kept' };

/** How a source is opened. */
export interface QueueSourceOptions {
  readonly group: string;
  readonly start: 'beginning' | 'new';
  readonly capabilities: SourceCapabilities;
}

/** An honest source of the model queue. */
export function queueSource(queue: Queue, options: QueueSourceOptions): MessageSource {
  const { capabilities } = options;
  const member = { deadSinceMs: null as number | null };
  let connection: QueueConnection | null = null;
  const life = { closed: false };

  /** Carries out work at the queue. */
  async function call<T>(work: (group: QueueGroup) => T): Promise<T> {
    connection ??= queue.connect();
    const dead = new AbortController();
    const silence = sleep(DEAD_CONNECTION_MS, 'silence' as const, { signal: dead.signal });
    try {
      const answer = await Promise.race([queue.pass(connection), silence]);
      if (answer === 'silence') throw new Error('no answer');
    } catch (cause) {
      connection = null;
      throw new OutboxError('TRANSPORT_UNAVAILABLE', 'The queue cannot be reached.', { cause });
    } finally {
      dead.abort();
      silence.catch(() => {});
    }
    return work(queue.group(options.group, options.start));
  }

  function delivery(place: number, count: number): SourceDelivery {
    const entry = queue.log[place] as QueueEntry;
    const common = {
      place: `queue ${place}`,
      deliveryCount: capabilities.redelivery === 'counted' ? count : Math.min(2, count),
      ref: place,
    };
    if (typeof entry === 'string')
      return { ...common, message: null, undecodable: `not a message: ${entry}` };
    const { deduplicationId: _, ...message } = entry;
    return { ...common, message, undecodable: null };
  }

  return {
    spec: 1,
    name: 'queue',
    capabilities,

    async receive({ limit, waitMs }, signal) {
      const endMs = performance.now() + waitMs;
      while (!signal.aborted && !life.closed) {
        const taken = await call((group) => (life.closed ? [] : queue.take(group, member, limit)));
        if (taken.length > 0) return taken.map(([place, { count }]) => delivery(place, count));
        if (performance.now() >= endMs) break;
        await sleep(STEP_MS);
      }
      return [];
    },

    async acknowledge(deliveries) {
      await call(({ hands }) => {
        for (const { ref } of deliveries) hands.delete(ref as number);
      });
    },

    async reject(rejections) {
      await call(({ hands }) => {
        for (const { delivery: given, reason, error } of rejections) {
          if (!hands.delete(given.ref as number)) continue;
          queue.kept.push({ id: given.message?.id ?? null, reason, error });
        }
      });
    },

    async release(deliveries) {
      await call(({ hands }) => {
        for (const { ref } of deliveries) {
          const hand = hands.get(ref as number);
          if (hand?.owner === member) hand.free = true;
        }
      });
    },

    async close() {
      if (life.closed) return;
      life.closed = true;
      // Best effort: what cannot be given back is taken over.
      await call(({ hands }) => {
        for (const hand of hands.values()) if (hand.owner === member) hand.free = true;
      }).catch(() => {});
      member.deadSinceMs = performance.now();
    },
  };
}
