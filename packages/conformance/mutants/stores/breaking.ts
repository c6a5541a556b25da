import type {
  ClaimedMessage,
  DeadLetter,
  DeadLetterFilter,
  InspectionFacet,
  NewMessage,
  ParkingFacet,
  ReadRequest,
  Settlements,
} from '@outrelay/core';
import type { FullLab } from '../lab/full-lab.ts';
import type { FullStore } from '../lab/full-store.ts';

/** The row of a memory store behind a message, as far as broken stores meddle with it. */
export interface Row {
  readonly position: number;
  readonly createdAtMs: number;
  availableAtMs: number;
  attempts: number;
  phase: 'fresh' | 'retry' | 'suspect' | 'blocked';
  yieldedTo: string | null;
}

export function rowOf(message: ClaimedMessage): Row {
  return (message.ref as { entry: Row }).entry;
}

/** Changes messages on their way in. */
export function storing(change: (message: NewMessage) => NewMessage): (store: FullStore) => FullStore {
  return (store) => ({
    ...store,
    append: (tx, messages, options) => store.append(tx, messages.map(change), options),
  });
}

/** Changes what a read yields. */
export function yielding(
  change: (messages: readonly ClaimedMessage[], request: ReadRequest) => readonly ClaimedMessage[],
): (store: FullStore) => FullStore {
  return (store) => ({
    ...store,
    read: async (lease, request) => change(await store.read(lease, request), request),
  });
}

/** Changes each message that a read yields. */
export function yieldingEach(
  change: (message: ClaimedMessage) => ClaimedMessage,
): (store: FullStore) => FullStore {
  return yielding((messages) => messages.map(change));
}

/** Changes outcomes before they are recorded. */
export function settling(change: (settlements: Settlements) => Settlements): (store: FullStore) => FullStore {
  return (store) => ({ ...store, settle: (lease, settlements) => store.settle(lease, change(settlements)) });
}

/** All messages of a settle. */
export function messagesOf({ accepted, retry, dead, returned }: Settlements): readonly ClaimedMessage[] {
  return [
    ...accepted,
    ...retry.map(({ message }) => message),
    ...dead.map(({ message }) => message),
    ...returned,
  ];
}

/** Numbers ids in the order of append, as a sequence would. */
export function numbering(): {
  readonly store: (inner: FullStore) => FullStore;
  readonly numberOf: (id: string) => number;
} {
  const numbers = new Map<string, number>();
  return {
    store: (inner) => ({
      ...inner,
      append(tx, messages, options) {
        for (const { id } of messages) if (!numbers.has(id)) numbers.set(id, numbers.size + 1);
        return inner.append(tx, messages, options);
      },
    }),
    numberOf: (id) => numbers.get(id) ?? 0,
  };
}

/** Changes the parking facet. */
export function parking(
  change: (parking: ParkingFacet) => Partial<ParkingFacet>,
): (store: FullStore) => FullStore {
  return (store) => {
    const facet = store.parking as ParkingFacet;
    return { ...store, parking: { ...facet, ...change(facet) } };
  };
}

/** Looks into the lab past the store that is broken. */
export function inspectionOf(lab: FullLab): InspectionFacet {
  return lab.memory.inspection as InspectionFacet;
}

/** The dead letters that a filter chooses. */
export async function lettersOf(lab: FullLab, filter: DeadLetterFilter): Promise<readonly DeadLetter[]> {
  return (await lab.memory.recovery?.list({ ...filter, limit: 1_000 }))?.letters ?? [];
}
