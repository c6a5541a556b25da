import { type ClaimedMessage, type Lease, matchingTopics, type TopicFilter } from '@outrelay/core';
import type { FullStore } from '../lab/full-store.ts';
import { inspectionOf } from './breaking.ts';
import { full, type StoreMutant } from './store-mutant.ts';

/** Rows that one statement of a settle changes at most. */
const ROWS = 500;

/** Stores that trust what their process remembers more than what the database holds. */
export const REMEMBERING_MUTANTS: readonly StoreMutant[] = [
  full(
    'emptiness-remembered',
    'A store that found nothing looks again when it has appended itself.',
    () => (store) => {
      let empty = false;
      return {
        ...store,
        append(tx, messages, options) {
          empty = false;
          return store.append(tx, messages, options);
        },
        async claim(request) {
          if (empty) return null;
          const lease = await store.claim(request);
          empty = lease === null && request.topics.kind === 'all';
          return lease;
        },
      };
    },
  ),

  full('topics-remembered', 'Which topics there are is looked up once.', (lab) => (store) => {
    let known: Set<string> | null = null;
    const remembered = async (topics: TopicFilter): Promise<TopicFilter> => {
      if (topics.kind !== 'patterns') return topics;
      known ??= new Set((await inspectionOf(lab).status()).topics.map(({ topic }) => topic));
      return matchingTopics((topic) => (known?.has(topic) ?? false) && topics.matches(topic));
    };
    return {
      ...store,
      claim: async (request) => store.claim({ ...request, topics: await remembered(request.topics) }),
      read: async (lease, request) =>
        store.read(lease, { ...request, topics: await remembered(request.topics) }),
    };
  }),

  full('token-not-read', 'A read looks at the partitions of a lease, and not at its token.', () => {
    let last: Lease | null = null;
    return (store) => ({
      ...store,
      async claim(request) {
        const lease = await store.claim(request);
        last = lease ?? last;
        return lease;
      },
      async read(lease, request) {
        const messages = await store.read(lease, request);
        return messages.length > 0 || last === null ? messages : store.read(last, request);
      },
    });
  }),

  full(
    'recorded-at-the-release',
    'Outcomes are collected, and written when the lease is given back.',
    () => (store) => {
      const kept = new Map<string, { lease: Lease; accepted: ClaimedMessage[] }>();
      return {
        ...store,
        async read(lease, request) {
          const done = new Set(kept.get(lease.token)?.accepted.map(({ id }) => id));
          return (await store.read(lease, request)).filter(({ id }) => !done.has(id));
        },
        async settle(lease, settlements) {
          const { accepted, ...rest } = settlements;
          const report = await store.settle(lease, { ...rest, accepted: [] });
          const before = kept.get(lease.token)?.accepted ?? [];
          const again = accepted.filter(({ id }) => before.some((message) => message.id === id));
          const fresh = accepted.filter((message) => !again.includes(message));
          kept.set(lease.token, { lease, accepted: [...before, ...fresh] });
          return {
            ...report,
            settled: report.settled + fresh.length,
            alreadySettled: [...report.alreadySettled, ...again.map(({ id }) => id)],
          };
        },
        async release(token) {
          const { lease, accepted } = kept.get(token) ?? { lease: null, accepted: [] };
          if (lease !== null) await store.settle(lease, { accepted, retry: [], dead: [], returned: [] });
          await store.release(token);
        },
      };
    },
  ),

  full(
    'time-at-the-read-remembered',
    'A message that waited behind a retry is known by its time at the read, which the settle of that retry changes.',
    () => (store) => {
      const passed = new Set<string>();
      const nameOf = (lease: Lease, { topic, key }: ClaimedMessage): string =>
        JSON.stringify([lease.token, topic, key]);
      return {
        ...store,
        async read(lease, request) {
          passed.clear();
          return store.read(lease, request);
        },
        async settle(lease, settlements) {
          const stale = settlements.retry.filter(({ message }) => passed.has(nameOf(lease, message)));
          const retry = settlements.retry.filter((settlement) => !stale.includes(settlement));
          const report = await store.settle(lease, { ...settlements, retry });
          for (const message of settlements.accepted)
            if (message.attempt > 1 && message.key !== null) passed.add(nameOf(lease, message));
          const ids = stale.map(({ message }) => message.id);
          return { ...report, alreadySettled: [...report.alreadySettled, ...ids] };
        },
      };
    },
  ),

  full(
    'receipts-remembered',
    'Which receipts a transaction has recorded is remembered beside it.',
    () => (store) => {
      const inbox = store.inbox as NonNullable<FullStore['inbox']>;
      const recorded = new WeakMap<object, Set<string>>();
      return {
        ...store,
        inbox: {
          async record(tx, receipt) {
            const name = JSON.stringify(receipt);
            const own = recorded.get(tx) ?? new Set();
            recorded.set(tx, own);
            if (own.has(name)) return false;
            const first = await inbox.record(tx, receipt);
            if (first) own.add(name);
            return first;
          },
        },
      };
    },
  ),

  full(
    'id-of-one-message',
    'Of two messages with an id the one that is accepted frees it.',
    () => (store) => {
      const freed = new Set<string>();
      // What the index would let in again is written under another id, which reads turn back.
      const beside = (id: string): string => (freed.has(id) ? `${id}~` : id);
      return {
        ...store,
        append: (tx, messages, options) =>
          store.append(
            tx,
            messages.map((message) => ({ ...message, id: beside(message.id) })),
            options,
          ),
        async read(lease, request) {
          const messages = await store.read(lease, request);
          return messages.map((message) => ({ ...message, id: message.id.replace(/~$/, '') }));
        },
        async settle(lease, settlements) {
          const report = await store.settle(lease, settlements);
          for (const { id } of settlements.accepted) freed.add(id);
          return report;
        },
      };
    },
  ),

  full(
    'settle-cut-at-the-parameter-limit',
    'Of a large settle only the first rows are written.',
    () => (store) => ({
      ...store,
      async settle(lease, settlements) {
        const beyond = settlements.accepted.slice(ROWS);
        const accepted = settlements.accepted.slice(0, ROWS);
        const report = await store.settle(lease, { ...settlements, accepted });
        return { ...report, settled: report.settled + beyond.length };
      },
    }),
  ),
];
