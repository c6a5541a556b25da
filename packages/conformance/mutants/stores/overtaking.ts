import { type ClaimedMessage, payloadBytes } from '@outrelay/core';
import { numbering, rowOf, yielding } from './breaking.ts';
import { full, type StoreMutant } from './store-mutant.ts';

/** Whether a message was appended with a time, passed or to come. */
function isScheduled(message: ClaimedMessage): boolean {
  const { availableAtMs, createdAtMs } = rowOf(message);
  return message.attempt === 1 && availableAtMs !== createdAtMs;
}

function orderKey({ topic, key, id }: ClaimedMessage): string {
  return key === null ? id : `${topic}\0${key}`;
}

/** Moves what `isLast` names behind the others of a read. */
function last(isLast: (message: ClaimedMessage) => boolean): ReturnType<typeof yielding> {
  return yielding((messages) => messages.toSorted((a, b) => Number(isLast(a)) - Number(isLast(b))));
}

/** Stores that let a message pass an earlier one of its key. */
export const OVERTAKING_MUTANTS: readonly StoreMutant[] = [
  full(
    'smaller-ones-pass',
    'A read fills what bytes are left with the next messages that fit.',
    () => (store) => ({
      ...store,
      async read(lease, request) {
        const all = await store.read(lease, { ...request, bytes: Number.MAX_SAFE_INTEGER });
        let bytes = 0;
        return all.filter(({ payload }, at) => {
          const size = payloadBytes(payload);
          if (at > 0 && bytes + size > request.bytes) return false;
          bytes += size;
          return true;
        });
      },
    }),
  ),

  full('ordered-by-time', 'Messages are ordered by the time from which they are available.', () =>
    yielding((messages) => messages.toSorted((a, b) => rowOf(a).availableAtMs - rowOf(b).availableAtMs)),
  ),

  full('scheduled-by-their-times', 'Of scheduled messages that are due the earlier time comes first.', () =>
    yielding((messages) => {
      const byTime = messages
        .filter(isScheduled)
        .toSorted((a, b) => rowOf(a).availableAtMs - rowOf(b).availableAtMs);
      return messages.map((message) => (isScheduled(message) ? (byTime.shift() ?? message) : message));
    }),
  ),

  full(
    'retries-by-their-times',
    'Of two messages of a key that wait for a retry the one that is due first goes first.',
    () => (store) => ({
      ...store,
      async settle(lease, settlements) {
        const report = await store.settle(lease, settlements);
        const counts = new Map<string, number>();
        for (const { message } of settlements.retry)
          counts.set(orderKey(message), (counts.get(orderKey(message)) ?? 0) + 1);
        for (const { message } of settlements.retry)
          if ((counts.get(orderKey(message)) ?? 0) > 1) rowOf(message).phase = 'fresh';
        return report;
      },
    }),
  ),

  full(
    'chain-passes-the-fresh',
    'A fresh message behind a scheduled one that is due waits for the next read, and later scheduled ones do not.',
    () =>
      yielding((messages) => {
        const behind = new Set<string>();
        return messages.filter((message) => {
          if (isScheduled(message)) behind.add(orderKey(message));
          return isScheduled(message) || !behind.has(orderKey(message));
        });
      }),
  ),

  full('released-to-the-end', 'What a lease gives back goes to the end of its key.', () => {
    const read = new Map<string, Set<string>>();
    const released = new Set<string>();
    return (store) =>
      last(({ id }) => released.has(id))({
        ...store,
        async read(lease, request) {
          const messages = await store.read(lease, request);
          read.set(lease.token, new Set(messages.map(({ id }) => id)));
          return messages;
        },
        async release(token) {
          await store.release(token);
          for (const id of read.get(token) ?? []) released.add(id);
        },
      });
  }),

  full('crashed-to-the-end', 'What was read under a lease that ended goes to the end of its key.', () => {
    const crashed = new Set<string>();
    return (store) =>
      last(({ id }) => crashed.has(id))({
        ...store,
        async read(lease, request) {
          let messages = await store.read(lease, request);
          for (let [only] = messages; only && rowOf(only).phase === 'suspect'; [only] = messages) {
            const row = rowOf(only);
            row.phase = 'fresh';
            row.attempts--;
            crashed.add(only.id);
            messages = await store.read(lease, request);
          }
          return messages;
        },
      });
  }),

  full(
    'suspects-first',
    'A message under suspicion passes an earlier one of its key that has failed.',
    () => {
      const failed = new Set<string>();
      return (store) => ({
        ...store,
        settle(lease, settlements) {
          for (const { message } of settlements.retry)
            if (rowOf(message).phase === 'suspect') failed.add(message.id);
          return store.settle(lease, settlements);
        },
        async read(lease, request) {
          const messages = await store.read(lease, request);
          const [only] = messages;
          if (only === undefined || messages.length > 1 || !failed.has(only.id)) return messages;
          const row = rowOf(only);
          const { phase, availableAtMs } = row;
          Object.assign(row, { phase: 'fresh', availableAtMs: Number.MAX_SAFE_INTEGER });
          const others = await store.read(lease, request);
          Object.assign(row, { phase, availableAtMs });
          return others.length > 0 ? others : store.read(lease, request);
        },
      });
    },
  ),

  full(
    'settled-up-to',
    'A settle deletes everything up to the last position that it names.',
    () => (store) => {
      const read = new Map<string, readonly ClaimedMessage[]>();
      return {
        ...store,
        async read(lease, request) {
          const messages = await store.read(lease, request);
          read.set(lease.token, messages);
          return messages;
        },
        async settle(lease, settlements) {
          const report = await store.settle(lease, settlements);
          const highest = Math.max(...settlements.accepted.map((message) => rowOf(message).position));
          const below = (read.get(lease.token) ?? []).filter((message) => rowOf(message).position < highest);
          await store.settle(lease, { accepted: below, retry: [], dead: [], returned: [] });
          return report;
        },
      };
    },
  ),

  full('settled-by-key', 'A settle deletes the messages of a key up to the last one that it names.', () => {
    const { store: numbered, numberOf } = numbering();
    return (inner) => {
      const store = numbered(inner);
      return {
        ...store,
        async settle(lease, settlements) {
          const report = await store.settle(lease, settlements);
          const highest = new Map<string, number>();
          for (const message of settlements.accepted)
            highest.set(
              orderKey(message),
              Math.max(highest.get(orderKey(message)) ?? 0, numberOf(message.id)),
            );
          if (highest.size === 0) return report;
          const request = { messages: 1_000, bytes: 1e9, topics: ALL };
          const left = await inner.read(lease, request);
          const below = left.filter(
            (message) => numberOf(message.id) < (highest.get(orderKey(message)) ?? 0),
          );
          const returned = left.filter((message) => !below.includes(message));
          await inner.settle(lease, { accepted: below, retry: [], dead: [], returned });
          return report;
        },
      };
    };
  }),
];

const ALL = { kind: 'all', names: [], matches: () => true } as const;
