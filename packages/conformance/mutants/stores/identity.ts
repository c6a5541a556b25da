import { inspectionOf, lettersOf, settling, storing, yieldingEach } from './breaking.ts';
import { full, type StoreMutant } from './store-mutant.ts';

/** What a case-insensitive collation that pads makes of a text. */
function folded(text: string): string {
  return text.trim().toLowerCase();
}

/** Bulk inserts are cut into statements of so many rows. */
const ROWS = 100;
/** What a column of the type BLOB holds in MySQL. */
const BLOB_BYTES = 65_535;

/** Stores that take one message for another, or forget one because of another. */
export const IDENTITY_MUTANTS: readonly StoreMutant[] = [
  full(
    'append-cut-at-the-parameter-limit',
    'Of a large append only the first rows are written.',
    () => (store) => ({
      ...store,
      append: (tx, messages, options) => store.append(tx, messages.slice(0, ROWS * 2), options),
    }),
  ),

  full(
    'parts-written-side-by-side',
    'The parts of a large append are written at the same time.',
    () => (store) => ({
      ...store,
      append(tx, messages, options) {
        const parts = Array.from({ length: Math.ceil(messages.length / ROWS) }, (_, at) =>
          messages.slice(at * ROWS, (at + 1) * ROWS),
        );
        return store.append(tx, parts.toReversed().flat(), options);
      },
    }),
  ),

  full(
    'rolled-back-ids-remembered',
    'An id counts as used although its transaction was rolled back.',
    (lab) => {
      const used = new Set<string>();
      return (store) => ({
        ...store,
        async append(tx, messages, options) {
          const gone = messages.filter(({ id }) => used.has(id)).map(({ id }) => id);
          const report = await store.append(
            tx,
            messages.filter(({ id }) => !used.has(id)),
            options,
          );
          for (const { id } of messages) used.add(id);
          // What is sent is forgotten again, so that the honest reuse of an id works.
          if (tx !== undefined) lab.hooks.afterCommit(tx, () => used.clear());
          else used.clear();
          return { duplicates: [...gone, ...report.duplicates] };
        },
      });
    },
  ),

  full('dirty-duplicate', 'An id in an open transaction of somebody else counts as written.', (lab) => {
    const open = new Map<string, object>();
    return (store) => ({
      ...store,
      async append(tx, messages, options) {
        const taken = messages.filter(({ id }) => open.has(id) && open.get(id) !== tx);
        const report = await store.append(
          tx,
          messages.filter((message) => !taken.includes(message)),
          options,
        );
        if (tx !== undefined) {
          for (const { id } of messages) if (!open.has(id)) open.set(id, tx);
          lab.hooks.afterEnd(tx, () => {
            for (const [id, owner] of open) if (owner === tx) open.delete(id);
          });
        }
        return { duplicates: [...taken.map(({ id }) => id), ...report.duplicates] };
      },
    });
  }),

  full(
    'ids-used-up',
    'The unique index of the history keeps an id from being used again.',
    (lab) => (store) => ({
      ...store,
      async append(tx, messages, options) {
        const sent = new Set<string>();
        for (const { id } of messages) {
          const traces = await inspectionOf(lab).find(id);
          if (traces.some(({ state }) => state === 'sent')) sent.add(id);
        }
        const report = await store.append(
          tx,
          messages.filter(({ id }) => !sent.has(id)),
          options,
        );
        return { duplicates: [...sent, ...report.duplicates] };
      },
    }),
  ),

  full(
    'one-letter-per-id',
    'A second death under an id overwrites the first dead letter.',
    (lab) => (store) => ({
      ...store,
      async settle(lease, settlements) {
        for (const { message } of settlements.dead)
          await lab.memory.recovery?.discard({ ids: [message.id] }, 1);
        return store.settle(lease, settlements);
      },
    }),
  ),

  full(
    'redrive-ignores-conflicts',
    'A redrive inserts what does not conflict with a pending id, and removes all letters.',
    (lab) => (store) => ({
      ...store,
      recovery: store.recovery && {
        ...store.recovery,
        async redrive(filter, limit) {
          for (const { id } of await lettersOf(lab, filter)) {
            const traces = await inspectionOf(lab).find(id);
            if (traces.some(({ state }) => state === 'pending' || state === 'waiting'))
              await lab.memory.recovery?.discard({ ids: [id] }, 1);
          }
          return (await store.recovery?.redrive(filter, limit)) ?? 0;
        },
      },
    }),
  ),

  full('ids-without-case', 'Ids are compared by a collation without case that pads.', () => {
    const known = new Map<string, string>();
    return (store) => ({
      ...store,
      async append(tx, messages, options) {
        const other = messages.filter(({ id }) => {
          const first = known.get(folded(id)) ?? id;
          known.set(folded(id), first);
          return first !== id;
        });
        const report = await store.append(
          tx,
          messages.filter((message) => !other.includes(message)),
          options,
        );
        return { duplicates: [...other.map(({ id }) => id), ...report.duplicates] };
      },
    });
  }),

  full(
    'keys-without-case',
    'A key that waits holds up all keys that are like it but for case and spaces.',
    () => {
      const waiting = new Map<string, string>();
      return (store) => ({
        ...store,
        async settle(lease, settlements) {
          for (const { message, delayMs } of settlements.retry)
            if (message.key !== null && delayMs > 0) waiting.set(folded(message.key), message.key);
          return store.settle(lease, settlements);
        },
        async read(lease, request) {
          const messages = await store.read(lease, request);
          return messages.filter(({ key }) => key === null || (waiting.get(folded(key)) ?? key) === key);
        },
      });
    },
  ),

  full('topics-trimmed', 'Topics are stored in a column that cuts spaces off.', () =>
    storing((message) => ({ ...message, topic: message.topic.trim() })),
  ),

  full('delayed-table-is-text', 'The table for retries has a text column for the payload.', () =>
    yieldingEach((message) => {
      if (message.attempt === 1 || !(message.payload instanceof Uint8Array)) return message;
      return { ...message, payload: Buffer.from(message.payload).toString() };
    }),
  ),

  full('letters-cut', 'The table of dead letters takes 64 KiB of payload.', () => (store) => ({
    ...store,
    recovery: store.recovery && {
      ...store.recovery,
      async list(request) {
        const { letters, next } = (await store.recovery?.list(request)) ?? { letters: [], next: null };
        return {
          letters: letters.map((letter) => ({
            ...letter,
            payload: letter.payload?.slice(0, BLOB_BYTES) ?? null,
          })),
          next,
        };
      },
    },
  })),

  full('time-of-the-retry', 'A message that is moved aside counts as appended then.', (lab) => {
    const moved = new Map<string, Date>();
    const dated = yieldingEach((message) => ({
      ...message,
      createdAt: moved.get(message.id) ?? message.createdAt,
    }));
    const dating = settling((settlements) => {
      for (const { message } of settlements.retry) moved.set(message.id, new Date(lab.clock.now() + 1));
      return settlements;
    });
    return (store) => dated(dating(store));
  }),
];
