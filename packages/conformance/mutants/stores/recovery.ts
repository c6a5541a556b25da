import { type DeadLetter, type DeadLetterFilter, type RecoveryFacet, uuidv7 } from '@outrelay/core';
import type { FullLab } from '../lab/full-lab.ts';
import type { FullStore } from '../lab/full-store.ts';
import { full, type StoreMutant } from './store-mutant.ts';

const BY_ITSELF = { autocommit: true };
const ALL = 1_000;

/** Changes the recovery facet. */
function recovering(
  change: (recovery: RecoveryFacet) => Partial<RecoveryFacet>,
): (store: FullStore) => FullStore {
  return (store) => {
    const recovery = store.recovery as RecoveryFacet;
    return { ...store, recovery: { ...recovery, ...change(recovery) } };
  };
}

/** Changes each letter that is listed. */
function listing(change: (letter: DeadLetter) => DeadLetter): (store: FullStore) => FullStore {
  return recovering((recovery) => ({
    async list(request) {
      const { letters, next } = await recovery.list(request);
      return { letters: letters.map(change), next };
    },
  }));
}

/** Changes the filter of every verb. */
function filtering(change: (filter: DeadLetterFilter) => DeadLetterFilter): (store: FullStore) => FullStore {
  return recovering((recovery) => ({
    list: (request) => recovery.list({ ...request, ...change(request ?? {}) }),
    redrive: (filter, limit) => recovery.redrive(change(filter), limit),
    discard: (filter, limit) => recovery.discard(change(filter), limit),
  }));
}

/** Appends the content of a letter again. */
async function appendAgain(lab: FullLab, letter: DeadLetter, id: string): Promise<void> {
  const { topic, key, headers, payload, contentType } = letter;
  const message = {
    id,
    topic,
    key,
    headers,
    payload,
    contentType,
    availableAt: null,
    ordering: 'key' as const,
  };
  await lab.memory.append(undefined, [message], BY_ITSELF);
}

export const RECOVERY_MUTANTS: readonly StoreMutant[] = [
  full('letter-without-payload', 'A dead letter keeps the error and loses the payload.', () =>
    listing((letter) => ({ ...letter, payload: null })),
  ),

  full('letter-forgets-attempts', 'A dead letter does not tell how often it was tried.', () =>
    listing((letter) => ({ ...letter, attempts: 0 })),
  ),

  full('letters-by-offset', 'Pages of letters are counted from the first.', () =>
    recovering((recovery) => ({
      async list(request) {
        const from = Number(request?.after ?? 0);
        const { limit = 100, after: _after, ...filter } = request ?? {};
        const { letters } = await recovery.list({ ...filter, limit: ALL });
        const next = letters.length > from + limit ? String(from + limit) : null;
        return { letters: letters.slice(from, from + limit), next };
      },
    })),
  ),

  full('letters-by-append', 'Letters are listed in the order of append.', () =>
    recovering((recovery) => ({
      async list(request) {
        const { letters, next } = await recovery.list(request);
        return { letters: letters.toSorted((a, b) => (a.id.slice(-2) < b.id.slice(-2) ? -1 : 1)), next };
      },
    })),
  ),

  full('key-filter-ignored', 'The filter by key is not applied.', () =>
    filtering(({ key: _key, ...filter }) => filter),
  ),

  full('empty-ids-are-all', 'A filter with an empty list of ids is none.', () =>
    filtering(({ ids, ...filter }) => (ids?.length === 0 ? filter : { ...filter, ids })),
  ),

  full('until-included', 'The end of a time range belongs to it.', () =>
    filtering(({ until, ...filter }) => ({ ...filter, until: until && new Date(until.getTime() + 1_000) })),
  ),

  full('redriven-at-the-end', 'A redriven message goes to the end of its key.', (lab) =>
    recovering((recovery) => ({
      async redrive(filter, limit) {
        const { letters } = await recovery.list({ ...filter, limit });
        await recovery.discard(filter, limit);
        for (const letter of letters) await appendAgain(lab, letter, letter.id);
        return letters.length;
      },
    })),
  ),

  full('redrive-in-two-steps', 'A redrive removes the letter, and then writes the message.', (lab) =>
    recovering((recovery) => ({
      async redrive(filter, limit) {
        const { letters } = await recovery.list({ ...filter, limit });
        await recovery.discard(filter, limit);
        await lab.gates.pass('append', async () => {
          for (const letter of letters) await appendAgain(lab, letter, letter.id);
        });
        return letters.length;
      },
    })),
  ),

  full('redrive-keeps-attempts', 'A redriven message goes on counting where it died.', () => {
    const attempts = new Map<string, number>();
    return (store) => {
      const inner = recovering((recovery) => ({
        async redrive(filter, limit) {
          for (const letter of (await recovery.list({ ...filter, limit })).letters)
            attempts.set(letter.id, letter.attempts);
          return recovery.redrive(filter, limit);
        },
      }))(store);
      return {
        ...inner,
        read: async (lease, request) =>
          (await store.read(lease, request)).map((message) => ({
            ...message,
            attempt: message.attempt + (attempts.get(message.id) ?? 0),
          })),
      };
    };
  }),

  full('redrive-twice-duplicates', 'A letter that was redriven can be redriven again.', (lab) =>
    recovering((recovery) => {
      const redriven: DeadLetter[] = [];
      return {
        async redrive(filter, limit) {
          const { letters } = await recovery.list({ ...filter, limit });
          const count = await recovery.redrive(filter, limit);
          for (const letter of redriven) await appendAgain(lab, letter, uuidv7());
          redriven.push(...letters);
          return count + redriven.length - letters.length;
        },
      };
    }),
  ),

  full('redrive-without-limit', 'The limit of a redrive or discard is not applied.', () =>
    recovering((recovery) => ({
      redrive: (filter) => recovery.redrive(filter, ALL),
      discard: (filter) => recovery.discard(filter, ALL),
    })),
  ),

  full('edit-overwrites', 'Editing a letter loses the original.', (lab) =>
    recovering((recovery) => ({
      async redriveEdited(id, edit) {
        const [letter] = (await recovery.list({ ids: [id] })).letters;
        if (letter === undefined) return null;
        await recovery.discard({ ids: [id] }, 1);
        const corrected = Object.fromEntries(Object.entries(edit).filter(([, value]) => value !== undefined));
        const copy = uuidv7();
        await appendAgain(lab, { ...letter, ...corrected }, copy);
        return copy;
      },
    })),
  ),

  full('edit-under-the-old-id', 'The corrected message has the id of the original.', () =>
    recovering((recovery) => ({
      redriveEdited: async (id, edit) => ((await recovery.redriveEdited(id, edit)) === null ? null : id),
    })),
  ),

  full('discard-hides', 'A discarded letter is hidden and can still be redriven.', () => {
    const hidden = new Set<string>();
    return recovering((recovery) => ({
      async list(request) {
        const { letters, next } = await recovery.list(request);
        return { letters: letters.filter(({ id }) => !hidden.has(id)), next };
      },
      async discard(filter, limit) {
        const { letters } = await recovery.list({ ...filter, limit });
        const fresh = letters.filter(({ id }) => !hidden.has(id));
        for (const { id } of fresh) hidden.add(id);
        return fresh.length;
      },
    }));
  }),

  full('discard-leaves-the-block', 'The key of a discarded letter stays blocked.', () => {
    const blocked = new Set<string | null>();
    return (store) => {
      const inner = recovering((recovery) => ({
        async discard(filter, limit) {
          for (const { key, blocking } of (await recovery.list({ ...filter, limit })).letters)
            if (blocking) blocked.add(key);
          return recovery.discard(filter, limit);
        },
      }))(store);
      return {
        ...inner,
        read: async (lease, request) =>
          (await store.read(lease, request)).filter(({ key }) => !blocked.has(key)),
      };
    };
  }),
];
