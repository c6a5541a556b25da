import type { ClaimedMessage } from '@outrelay/core';
import { numbering, rowOf, yielding } from './breaking.ts';
import { full, type StoreMutant } from './store-mutant.ts';

/** Sorts what is read. */
function sorted(compare: (a: ClaimedMessage, b: ClaimedMessage) => number): ReturnType<typeof yielding> {
  return yielding((messages) => messages.toSorted(compare));
}

export const ORDER_MUTANTS: readonly StoreMutant[] = [
  full('newest-first', 'A read yields the newest first.', () =>
    sorted((a, b) => rowOf(b).position - rowOf(a).position),
  ),

  full('ordered-by-id', 'Messages are ordered by their id, which is random.', () =>
    sorted((a, b) => (a.id < b.id ? -1 : 1)),
  ),

  full('ordered-by-key', 'Messages are grouped by key.', () =>
    sorted((a, b) => ((a.key ?? '') < (b.key ?? '') ? -1 : 1)),
  ),

  full(
    'same-share-for-every-key',
    'A read takes turns by key, so that young messages overtake older ones.',
    () => yielding(inTurns),
  ),

  full('retried-last', 'A message that was tried goes behind the fresh ones of its key.', () =>
    sorted((a, b) => Math.min(a.attempt, 2) - Math.min(b.attempt, 2)),
  ),

  full(
    'scheduled-last',
    'A message that was scheduled goes behind the others of its key when it falls due.',
    () => sorted((a, b) => Number(isScheduled(a)) - Number(isScheduled(b))),
  ),

  full('ordered-by-begin', 'Positions are drawn when a transaction begins.', (lab) => {
    const numbers = new Map<string, number>();
    const byNumber = sorted((a, b) => (numbers.get(a.id) ?? 0) - (numbers.get(b.id) ?? 0));
    return (store) =>
      byNumber({
        ...store,
        append(tx, messages, options) {
          for (const { id } of messages) numbers.set(id, tx === undefined ? 0 : lab.hooks.numberOf(tx));
          return store.append(tx, messages, options);
        },
      });
  }),

  full('cursor', 'The relay remembers the highest position it has seen and looks above it.', () => {
    const { store: numbered, numberOf } = numbering();
    let seen = 0;
    return (store) => ({
      ...numbered(store),
      async read(lease, request) {
        const messages = await store.read(lease, request);
        const above = messages.filter(({ id, attempt }) => attempt > 1 || numberOf(id) > seen);
        return above;
      },
      async settle(lease, settlements) {
        const report = await store.settle(lease, settlements);
        for (const { id } of settlements.accepted) seen = Math.max(seen, numberOf(id));
        return report;
      },
    });
  }),

  full(
    'waits-for-gaps',
    'Positions are delivered without gaps, so a rolled-back one stops everything.',
    (lab) => {
      const { store: numbered, numberOf } = numbering();
      const committed = new Set<number>();
      const whole = (number: number): boolean =>
        Array.from({ length: number }, (_, at) => at + 1).every((it) => committed.has(it));
      return (store) => {
        const inner = numbered(store);
        return {
          ...inner,
          append(tx, messages, options) {
            const commit = (): void => {
              for (const { id } of messages) committed.add(numberOf(id));
            };
            if (tx === undefined) queueMicrotask(commit);
            else lab.hooks.afterCommit(tx, commit);
            return inner.append(tx, messages, options);
          },
          read: async (lease, request) =>
            (await store.read(lease, request)).filter(({ id }) => whole(numberOf(id))),
        };
      };
    },
  ),

  full(
    'oldest-transaction-barrier',
    'Nothing is delivered that is younger than the oldest open transaction.',
    (lab) => {
      const { store: numbered, numberOf } = numbering();
      const open = new Map<object, number>();
      return (store) => {
        const inner = numbered(store);
        return {
          ...inner,
          async append(tx, messages, options) {
            const report = await inner.append(tx, messages, options);
            if (tx !== undefined && !open.has(tx)) {
              open.set(tx, Math.min(...messages.map(({ id }) => numberOf(id))));
              lab.hooks.afterEnd(tx, () => open.delete(tx));
            }
            return report;
          },
          async read(lease, request) {
            const horizon = Math.min(...open.values());
            return (await store.read(lease, request)).filter(({ id }) => numberOf(id) < horizon);
          },
        };
      };
    },
  ),

  full('schedule-ignored', 'Scheduled messages are delivered at once.', () => (store) => ({
    ...store,
    append: (tx, messages, options) =>
      store.append(
        tx,
        messages.map((message) => ({ ...message, availableAt: null })),
        options,
      ),
  })),

  full(
    'schedule-never-due',
    'A time that has passed already is taken for one that never comes.',
    (lab) => (store) => ({
      ...store,
      append: (tx, messages, options) =>
        store.append(
          tx,
          messages.map((message) => {
            const { availableAt } = message;
            const past = availableAt !== null && availableAt.getTime() < lab.clock.now();
            return { ...message, availableAt: past ? new Date(8.64e15) : availableAt };
          }),
          options,
        ),
    }),
  ),

  full(
    'scheduled-blocks-its-key',
    'A message that is not due yet holds up the later ones of its key.',
    (lab) => {
      const { store: numbered, numberOf } = numbering();
      const scheduled: { key: string | null; number: number; atMs: number }[] = [];
      return (store) => {
        const inner = numbered(store);
        return {
          ...inner,
          async append(tx, messages, options) {
            const report = await inner.append(tx, messages, options);
            for (const { id, key, availableAt } of messages)
              if (availableAt !== null)
                scheduled.push({ key, number: numberOf(id), atMs: availableAt.getTime() });
            return report;
          },
          read: async (lease, request) =>
            (await store.read(lease, request)).filter(
              ({ id, key }) =>
                key === null ||
                !scheduled.some(
                  (it) => it.key === key && it.number < numberOf(id) && it.atMs > lab.clock.now(),
                ),
            ),
        };
      };
    },
  ),
];

/** The first message of each key, then the second of each, and so on. */
function inTurns(messages: readonly ClaimedMessage[]): readonly ClaimedMessage[] {
  const counts = new Map<string, number>();
  const turns = messages.map((message) => {
    const key = message.key ?? message.id;
    const turn = counts.get(key) ?? 0;
    counts.set(key, turn + 1);
    return { message, turn };
  });
  return turns.toSorted((a, b) => a.turn - b.turn).map(({ message }) => message);
}

function isScheduled(message: ClaimedMessage): boolean {
  const { availableAtMs, createdAtMs, phase } = rowOf(message);
  return phase === 'fresh' && availableAtMs > createdAtMs;
}
