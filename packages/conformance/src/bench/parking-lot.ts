import type {
  Charge,
  ParkedMessage,
  ParkedRequest,
  ParkingFacet,
  ParkRequest,
  RedrivenMessage,
} from '@outrelay/core';
import { holds } from './assertions.ts';
import type { StoreBench } from './store-bench.ts';

/** How long a redriven message is in the hands of who took it, in clauses. */
export const HOLD_MS = 30_000;

/** The parking facet of a store whose clauses are chosen by it. */
export function parkingOf(bench: StoreBench): ParkingFacet {
  const { parking } = bench.store;
  holds(parking !== undefined, 'the store has lost its parking facet');
  return parking;
}

/** What a consumer asks when it gives up a message. */
export function parkRequest(
  bench: StoreBench,
  message: Partial<ParkRequest['message']> = {},
  terms: Partial<ParkRequest> = {},
): ParkRequest {
  const { availableAt: _, ordering: __, ...content } = bench.make.stored(message);
  // Whole seconds, which every database keeps.
  const createdAt = message.createdAt ?? new Date(1_700_000_000_000);
  return {
    consumer: 'billing',
    message: { ...content, createdAt },
    attempts: 3,
    reason: 'attempts-exhausted',
    error: 'no stock',
    redrives: 0,
    ...terms,
  };
}

/** Parks so many messages one after the other; answers with them in their order. */
export async function parkMany(
  bench: StoreBench,
  count: number,
  terms: Partial<ParkRequest> = {},
): Promise<readonly ParkRequest['message'][]> {
  const requests = Array.from({ length: count }, () => parkRequest(bench, {}, terms));
  for (const request of requests) await parkingOf(bench).park([request]);
  return requests.map(({ message }) => message);
}

/** Charges one delivery of a message. */
export async function charge(bench: StoreBench, messageId: string, consumer = 'billing'): Promise<Charge> {
  const charges = await parkingOf(bench).charge([{ consumer, messageId }]);
  const [only] = charges;
  holds(
    only !== undefined && charges.length === 1,
    `one delivery was charged, ${charges.length} were answered`,
  );
  return only;
}

/** Takes what was redriven. */
export async function take(
  bench: StoreBench,
  limit = 100,
  consumer = 'billing',
): Promise<readonly RedrivenMessage[]> {
  return parkingOf(bench).take({ consumer, limit, holdMs: HOLD_MS });
}

/** All parked and redriven messages, page by page; `between` runs after each page. */
export async function listParked(
  bench: StoreBench,
  request: ParkedRequest = {},
  between: () => Promise<unknown> = async () => {},
): Promise<ParkedMessage[]> {
  const found: ParkedMessage[] = [];
  let after: string | undefined;
  for (let page = 0; page < 200; page++) {
    const { messages, next } = await parkingOf(bench).list({ ...request, after });
    found.push(...messages);
    if (next === null) return found;
    after = next;
    await between();
  }
  holds(false, 'the pages of parked messages do not end');
  return found;
}
