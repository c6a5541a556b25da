import { ALL_TOPICS, type Lease, namedTopics, OutboxError, type TopicFilter } from '@outrelay/core';
import type { FullStore } from '../lab/full-store.ts';
import { turn } from '../lab/gates.ts';
import { yieldingEach } from './breaking.ts';
import { full, type StoreMutant, shared, single } from './store-mutant.ts';

/** A store that hands out one lease to several claims when `again` says so; each has its own token. */
function leasing(again: (claimsUnderWay: number) => boolean): (store: FullStore) => FullStore {
  let underWay = 0;
  let last: Lease | null = null;
  const real = new Map<string, Lease>();
  const behind = (lease: Lease): Lease => real.get(lease.token) ?? lease;
  return (store) => ({
    ...store,
    async claim(request) {
      underWay++;
      try {
        const lease = await store.claim(request);
        if (lease !== null) last = lease;
        if (lease !== null || last === null || !again(underWay)) return lease;
        real.set(request.token, last);
        return { token: request.token, state: last.state };
      } finally {
        underWay--;
      }
    },
    read: (lease, request) => store.read(behind(lease), request),
    settle: (lease, settlements) => store.settle(behind(lease), settlements),
    renew: (lease, leaseMs) => store.renew(behind(lease), leaseMs),
    async release(token) {
      if (!real.delete(token)) last = null;
      await store.release(token);
    },
  });
}

/** `_` stands for any character and letters have no case, as LIKE has it. */
function like(names: readonly string[]): TopicFilter {
  const patterns = names.map(
    (name) => new RegExp(`^${name.replaceAll('.', '\\.').replaceAll('_', '.')}$`, 'iu'),
  );
  return { kind: 'patterns', names: [], matches: (topic) => patterns.some((pattern) => pattern.test(topic)) };
}

const NOTHING: Lease['state'] = { orderKeys: new Set<string>() };

export const CLAIM_MUTANTS: readonly StoreMutant[] = [
  full('counter-token', "A lease carries a counter instead of the request's token.", () => {
    let count = 0;
    return (store) => ({
      ...store,
      async claim(request) {
        const lease = await store.claim(request);
        return lease === null ? null : { ...lease, token: String(++count) };
      },
    });
  }),

  full(
    'double-claim',
    'The predicate stands in the sub-select only: a second relay takes the same rows.',
    () => leasing(() => true),
  ),

  full('claim-checks-then-marks', 'Claims that come at the same instant take the same rows.', () => {
    const share = leasing((underWay) => underWay > 1);
    return (store) =>
      share({
        ...store,
        async claim(request) {
          const lease = await store.claim(request);
          await turn();
          return lease;
        },
      });
  }),

  full('lease-on-nothing', 'A claim answers with a lease although nothing is due.', () => (store) => ({
    ...store,
    claim: async (request) => (await store.claim(request)) ?? { token: request.token, state: NOTHING },
  })),

  full('message-limit-ignored', 'A read yields everything that is due.', () => (store) => ({
    ...store,
    read: (lease, request) => store.read(lease, { ...request, messages: 1_000_000 }),
  })),

  full('byte-limit-ignored', 'A read counts messages only.', () => (store) => ({
    ...store,
    read: (lease, request) => store.read(lease, { ...request, bytes: Number.MAX_SAFE_INTEGER }),
  })),

  full(
    'large-message-stuck',
    'A message above the byte limit of a read is never yielded.',
    () => (store) => ({
      ...store,
      read: async (lease, request) =>
        (await store.read(lease, request)).filter(({ payload }) => (payload?.length ?? 0) <= request.bytes),
    }),
  ),

  full('topics-ignored', 'A relay gets messages that it cannot route.', () => (store) => ({
    ...store,
    claim: (request) => store.claim({ ...request, topics: ALL_TOPICS }),
    read: (lease, request) => store.read(lease, { ...request, topics: ALL_TOPICS }),
  })),

  full('topics-by-like', 'Topics are compared as LIKE compares.', () => (store) => {
    const wide = (topics: TopicFilter): TopicFilter =>
      topics.kind === 'names' ? like(topics.names) : topics;
    return {
      ...store,
      claim: (request) => store.claim({ ...request, topics: wide(request.topics) }),
      read: (lease, request) => store.read(lease, { ...request, topics: wide(request.topics) }),
    };
  }),

  full('patterns-ignored', 'A request by pattern finds nothing.', () => (store) => ({
    ...store,
    read: (lease, request) => {
      const names = request.topics.kind === 'patterns' ? namedTopics([]) : request.topics;
      return store.read(lease, { ...request, topics: names });
    },
  })),

  full('one-lease-for-all', 'Declares leases by key, and locks the whole store.', (lab) => {
    let free = 0;
    let holder = '';
    return (store) => ({
      ...store,
      async claim(request) {
        if (lab.clock.now() < free) return null;
        const lease = await store.claim(request);
        if (lease !== null) [free, holder] = [lab.clock.now() + request.leaseMs, request.token];
        return lease;
      },
      async release(token) {
        if (token === holder) free = 0;
        await store.release(token);
      },
    });
  }),

  shared('shares-nothing', 'Declares partitions, and the first relay keeps them all.', () => (store) => ({
    ...store,
    sharing: store.sharing && { ...store.sharing, handOver: async (lease) => lease },
  })),

  single(
    'lock-of-the-store-forgotten',
    'Declares one lease for the store, and hands out others for other topics.',
    (lab) => (store) => ({
      ...store,
      async claim(request) {
        if (request.topics.kind === 'names')
          for (const partition of lab.partitions) await partition.release();
        return store.claim(request);
      },
    }),
  ),

  full('lease-ends-with-its-connection', 'A lease is a lock of the session.', (lab) => (store) => {
    const tokens = new Set<string>();
    const drop = (): void => {
      for (const token of tokens) void lab.memory.release(token);
    };
    lab.gates.onCut(drop);
    return {
      ...store,
      claim(request) {
        tokens.add(request.token);
        return store.claim(request);
      },
      async close() {
        drop();
        await store.close();
      },
    };
  }),

  full('limit-before-filter', 'A read takes the first rows and drops those that are not due.', () => {
    const order: string[] = [];
    return (store) => ({
      ...store,
      append(tx, messages, options) {
        order.push(...messages.map(({ id }) => id));
        return store.append(tx, messages, options);
      },
      async read(lease, request) {
        const window = new Set(order.slice(0, Math.min(request.messages, 100)));
        return (await store.read(lease, request)).filter(({ id }) => window.has(id));
      },
      async settle(lease, settlements) {
        const report = await store.settle(lease, settlements);
        for (const { id } of [...settlements.accepted, ...settlements.dead.map(({ message }) => message)])
          order.splice(order.indexOf(id), 1);
        return report;
      },
    });
  }),

  full(
    'hot-key-first',
    'The oldest are yielded whatever their key, so one key fills every read.',
    () => (store) => ({
      ...store,
      read: async (lease, request) =>
        (await store.read(lease, { ...request, messages: 1_000_000 })).slice(0, request.messages),
    }),
  ),

  full('attempts-from-zero', 'The first attempt has the number 0.', () =>
    yieldingEach((message) => ({ ...message, attempt: message.attempt - 1 })),
  ),

  full('attempts-stand-still', 'Every attempt is the first.', () =>
    yieldingEach((message) => ({ ...message, attempt: 1 })),
  ),

  full('undecodable-fails-the-read', 'A row that cannot be decoded fails the read it is in.', () =>
    yieldingEach((message) => {
      if (message.undecodable !== null) throw new SyntaxError('Unexpected token in JSON at position 0');
      return message;
    }),
  ),

  full('undecodable-skipped', 'A row that cannot be decoded is left out for ever.', () => (store) => ({
    ...store,
    read: async (lease, request) =>
      (await store.read(lease, request)).filter(({ undecodable }) => undecodable === null),
  })),

  full('redrive-under-the-old-name', 'A redriven message has the deduplication id it had.', () =>
    yieldingEach((message) => ({ ...message, deduplicationId: message.id })),
  ),

  full('appends-wait-for-leases', 'A held lease locks the gap that appends go into.', () => {
    const held = new Set<string>();
    return (store) => ({
      ...store,
      append(tx, messages, options) {
        if (held.size > 0) throw new OutboxError('STORE_CONFLICT', 'Lock wait timeout exceeded.');
        return store.append(tx, messages, options);
      },
      async claim(request) {
        const lease = await store.claim(request);
        if (lease !== null) held.add(lease.token);
        return lease;
      },
      release(token) {
        held.delete(token);
        return store.release(token);
      },
    });
  }),
];
