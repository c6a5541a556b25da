import { ALL_TOPICS, type ClaimedMessage, type Lease, type SettleReport } from '@outrelay/core';
import type { FullStore } from '../lab/full-store.ts';
import { turn } from '../lab/gates.ts';
import { messagesOf, rowOf, settling } from './breaking.ts';
import { full, type StoreMutant } from './store-mutant.ts';

const NONE = { accepted: [], retry: [], dead: [], returned: [] };

/** Makes the row look as if this lease had just yielded it. */
function forge(message: ClaimedMessage, holder: Lease): ClaimedMessage {
  const row = rowOf(message);
  row.yieldedTo = holder.token;
  return { ...message, ref: { entry: row, token: holder.token } };
}

/** Records outcomes under whatever lease is the last one, when `may` allows it. */
function recklessly(may: (lease: Lease, last: Lease) => Promise<boolean>): (store: FullStore) => FullStore {
  let last: Lease | null = null;
  return (store) => ({
    ...store,
    async claim(request) {
      const lease = await store.claim(request);
      last = lease ?? last;
      return lease;
    },
    async settle(lease, settlements) {
      if (last === null || !(await may(lease, last))) return store.settle(lease, settlements);
      const holder = last;
      const forged = (message: ClaimedMessage): ClaimedMessage => forge(message, holder);
      return store.settle(holder, {
        accepted: settlements.accepted.map(forged),
        retry: settlements.retry.map((it) => ({ ...it, message: forged(it.message) })),
        dead: settlements.dead.map((it) => ({ ...it, message: forged(it.message) })),
        returned: settlements.returned.map(forged),
      });
    },
  });
}

function isTwin(one: ClaimedMessage, other: ClaimedMessage): boolean {
  return rowOf(one).position === rowOf(other).position && one.attempt === other.attempt;
}

/** Changes what a settle reports. */
function reporting(
  change: (report: SettleReport, asked: number) => SettleReport,
): (store: FullStore) => FullStore {
  return (store) => ({
    ...store,
    settle: async (lease, settlements) =>
      change(await store.settle(lease, settlements), messagesOf(settlements).length),
  });
}

export const SETTLE_MUTANTS: readonly StoreMutant[] = [
  full('zero-rows-are-success', 'The number of rows that were changed is not looked at.', () =>
    reporting((report, asked) => ({ ...report, settled: asked, alreadySettled: [], lost: [], unknown: [] })),
  ),

  full('losses-untold', 'What was refused is not reported.', () =>
    reporting((report) => ({ ...report, alreadySettled: [], lost: [], unknown: [] })),
  ),

  full('only-accepted-count', 'The report counts accepted messages only.', () => (store) => ({
    ...store,
    async settle(lease, settlements) {
      const report = await store.settle(lease, settlements);
      return { ...report, settled: Math.min(report.settled, settlements.accepted.length) };
    },
  })),

  full('accepted-comes-back', 'The first time a message is accepted nothing is written.', () => {
    const accepted = new Set<string>();
    return settling(({ accepted: asked, returned, ...rest }) => {
      const again = asked.filter(({ id }) => accepted.has(id));
      for (const { id } of asked) accepted.add(id);
      return {
        ...rest,
        accepted: again,
        returned: [...returned, ...asked.filter((it) => !again.includes(it))],
      };
    });
  }),

  full(
    'partial-batch-flattened',
    'The outcome of one message is taken for that of all that were read.',
    () => {
      const read = new Map<string, readonly ClaimedMessage[]>();
      return (store) => ({
        ...store,
        async read(lease, request) {
          const messages = await store.read(lease, request);
          read.set(lease.token, messages);
          return messages;
        },
        async settle(lease, settlements) {
          if (settlements.accepted.length === 0) return store.settle(lease, settlements);
          const report = await store.settle(lease, settlements);
          const told = new Set(messagesOf(settlements).map(({ id }) => id));
          const others = (read.get(lease.token) ?? []).filter(({ id }) => !told.has(id));
          await store.settle(lease, { ...NONE, accepted: others });
          return report;
        },
      });
    },
  ),

  full('retry-delay-ignored', 'A retry is due at once.', () =>
    settling((settlements) => ({
      ...settlements,
      retry: settlements.retry.map((it) => ({ ...it, delayMs: 0 })),
    })),
  ),

  full('retry-delay-in-seconds', 'Milliseconds are taken for seconds.', () =>
    settling((settlements) => ({
      ...settlements,
      retry: settlements.retry.map((it) => ({ ...it, delayMs: it.delayMs * 1_000 })),
    })),
  ),

  full(
    'retry-lets-later-ones-pass',
    'A message that waits for its retry does not hold its key.',
    () => (store) => ({
      ...store,
      async settle(lease, settlements) {
        const report = await store.settle(lease, settlements);
        for (const { message } of settlements.retry) rowOf(message).phase = 'fresh';
        return report;
      },
    }),
  ),

  full('dead-comes-back', 'A message settled as dead is tried again.', () =>
    settling(({ dead, retry, ...rest }) => ({
      ...rest,
      dead: [],
      retry: [...retry, ...dead.map(({ message, error }) => ({ message, error, delayMs: 0 }))],
    })),
  ),

  full('dead-letter-dropped', 'A message settled as dead is deleted.', () =>
    settling(({ dead, accepted, ...rest }) => ({
      ...rest,
      dead: [],
      accepted: [...accepted, ...dead.map(({ message }) => message)],
    })),
  ),

  full('returned-is-charged', 'A message that was given back counts as tried.', () =>
    settling(({ returned, retry, ...rest }) => ({
      ...rest,
      returned: [],
      retry: [...retry, ...returned.map((message) => ({ message, delayMs: 0, error: 'returned' }))],
    })),
  ),

  full('repeated-settle-counts', 'A settle that is repeated is reported as the first.', () =>
    reporting((report) => ({
      ...report,
      settled: report.settled + report.alreadySettled.length,
      alreadySettled: [],
    })),
  ),

  full(
    'redriven-taken-for-its-past',
    'A settle finds its message by place and attempts, which a redrive brings back.',
    () => (store) => ({
      ...store,
      async settle(lease, settlements) {
        const report = await store.settle(lease, settlements);
        const missed = settlements.dead.filter(({ message }) => report.alreadySettled.includes(message.id));
        if (missed.length === 0) return report;
        const there = await store.read(lease, { messages: 1_000, bytes: 100_000_000, topics: ALL_TOPICS });
        const dead = missed.flatMap((letter) => {
          const twin = there.find((it) => isTwin(it, letter.message));
          return twin === undefined ? [] : [{ ...letter, message: twin }];
        });
        const twins = new Set(dead.map(({ message }) => message.id));
        const returned = there.filter(({ id }) => !twins.has(id));
        const again = await store.settle(lease, { ...NONE, dead, returned });
        const alreadySettled = report.alreadySettled.filter((id) => !twins.has(id));
        return { ...report, settled: report.settled + again.settled - returned.length, alreadySettled };
      },
    }),
  ),

  full('token-ignored', 'A settle changes rows by id, whoever holds them.', () =>
    recklessly(async () => true),
  ),

  full('fence-read-not-locked', 'A settle looks at the token, and writes a moment later.', () =>
    recklessly(async (lease, last) => {
      const held = lease.token === last.token;
      for (let at = 0; at < 4; at++) await turn();
      return held;
    }),
  ),

  full(
    'late-settle-refused',
    'Outcomes after the end of the lease are refused although nobody has taken over.',
    (lab) => {
      const ends = new Map<string, number>();
      return (store) => ({
        ...store,
        claim(request) {
          ends.set(request.token, lab.clock.now() + request.leaseMs);
          return store.claim(request);
        },
        renew(lease, leaseMs) {
          ends.set(lease.token, lab.clock.now() + leaseMs);
          return store.renew(lease, leaseMs);
        },
        async settle(lease, settlements) {
          if (lab.clock.now() < (ends.get(lease.token) ?? 0)) return store.settle(lease, settlements);
          const lost = messagesOf(settlements).map(({ id }) => id);
          return { settled: 0, alreadySettled: [], lost, unknown: [], wanted: false };
        },
      });
    },
  ),

  full('block-ignored', 'A dead letter never holds its key.', () =>
    settling((settlements) => ({
      ...settlements,
      dead: settlements.dead.map((it) => ({ ...it, block: false })),
    })),
  ),

  full('block-stops-everything', 'A blocking dead letter holds all keys.', () => {
    let blocked = false;
    return (store) => ({
      ...store,
      read: async (lease, request) => (blocked ? [] : store.read(lease, request)),
      settle(lease, settlements) {
        blocked ||= settlements.dead.some(({ block }) => block);
        return store.settle(lease, settlements);
      },
    });
  }),

  full('errors-truncated', 'The error column takes 255 characters.', () =>
    settling((settlements) => ({
      ...settlements,
      retry: settlements.retry.map((it) => ({ ...it, error: it.error.slice(0, 255) })),
      dead: settlements.dead.map((it) => ({ ...it, error: it.error.slice(0, 255) })),
    })),
  ),
];
