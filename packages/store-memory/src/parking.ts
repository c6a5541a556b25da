import type { ParkedFilter, ParkedMessage, ParkingFacet } from '@outrelay/core';
import { deliveryName } from './inbox.ts';
import type { MemoryState, Parked } from './state.ts';

/** Counts the attempts of deliveries and keeps the messages that a consumer gave up. */
export function parkingFacet(state: MemoryState): ParkingFacet {
  const isParked = (delivery: string): boolean => state.parked.get(delivery)?.availableAtMs === null;

  return {
    async charge(receipts) {
      return receipts.map((receipt) => {
        const delivery = deliveryName(receipt);
        const count = state.attempts.get(delivery)?.count ?? 0;
        if (isParked(delivery)) return { attempts: count, parked: true };
        // Deleted first, so that the map stays in the order of the last charges.
        state.attempts.delete(delivery);
        state.attempts.set(delivery, { count: count + 1, chargedAtMs: state.now() });
        return { attempts: count + 1, parked: false };
      });
    },

    async park(requests) {
      for (const request of requests) {
        const delivery = nameOf(request);
        state.attempts.delete(delivery);
        state.parked.delete(delivery);
        state.parked.set(delivery, {
          ...request,
          message: { ...request.message },
          number: state.nextParking(),
          parkedAtMs: state.now(),
          availableAtMs: null,
        });
      }
    },

    async take({ consumer, limit, holdMs }) {
      const now = state.now();
      const taken = [...state.parked.values()]
        .filter(
          (parked) =>
            parked.consumer === consumer && parked.availableAtMs !== null && parked.availableAtMs <= now,
        )
        .slice(0, limit);
      for (const parked of taken)
        state.parked.set(nameOf(parked), { ...parked, availableAtMs: now + holdMs });
      return taken.map(({ message, redrives }) => ({ message, redrives }));
    },

    async forget(receipts) {
      for (const delivery of receipts.map(deliveryName)) {
        state.attempts.delete(delivery);
        if (!isParked(delivery)) state.parked.delete(delivery);
      }
    },

    async list({ after, limit = 100, ...filter } = {}) {
      const found = [...state.parked.values()].filter(
        (parked) => parked.number > Number(after ?? 0) && matches(parked, filter),
      );
      const page = found.slice(0, limit);
      const next = found.length > page.length ? String(page.at(-1)?.number) : null;
      return { messages: page.map(describeParked), next };
    },

    async redrive(filter, limit) {
      const chosen = choose(state, filter, limit, (parked) => parked.availableAtMs === null);
      for (const parked of chosen) {
        state.attempts.delete(nameOf(parked));
        state.parked.set(nameOf(parked), {
          ...parked,
          redrives: parked.redrives + 1,
          availableAtMs: state.now(),
        });
      }
      return chosen.length;
    },

    async discard(filter, limit) {
      const chosen = choose(state, filter, limit, () => true);
      for (const parked of chosen) state.parked.delete(nameOf(parked));
      return chosen.length;
    },
  };
}

function nameOf({ consumer, message }: Pick<Parked, 'consumer' | 'message'>): string {
  return deliveryName({ consumer, messageId: message.id });
}

function choose(
  state: MemoryState,
  filter: ParkedFilter,
  limit: number,
  eligible: (parked: Parked) => boolean,
): readonly Parked[] {
  return [...state.parked.values()]
    .filter((parked) => eligible(parked) && matches(parked, filter))
    .slice(0, limit);
}

function matches({ consumer, message, reason, parkedAtMs }: Parked, filter: ParkedFilter): boolean {
  return (
    (filter.consumer ?? consumer) === consumer &&
    (filter.ids?.includes(message.id) ?? true) &&
    (filter.topic ?? message.topic) === message.topic &&
    (filter.key ?? message.key) === message.key &&
    (filter.reason ?? reason) === reason &&
    parkedAtMs >= (filter.since?.getTime() ?? parkedAtMs) &&
    (filter.until === undefined || parkedAtMs < filter.until.getTime())
  );
}

function describeParked({ message, availableAtMs, parkedAtMs, ...parked }: Parked): ParkedMessage {
  const { consumer, reason, error, attempts, redrives } = parked;
  const state = availableAtMs === null ? 'parked' : 'redriven';
  return { ...message, consumer, state, parkedAt: new Date(parkedAtMs), reason, error, attempts, redrives };
}
