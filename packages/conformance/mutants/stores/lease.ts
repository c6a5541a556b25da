import type { ClaimedMessage, Lease } from '@outrelay/core';
import { rowOf } from './breaking.ts';
import { full, type StoreMutant } from './store-mutant.ts';

const NONE = { accepted: [], retry: [], dead: [], returned: [] };

/** How far the clock of the relay's process is from the database's, in milliseconds. */
function skewMs(): number {
  return Math.round(Date.now() - (performance.timeOrigin + performance.now()));
}

export const LEASE_MUTANTS: readonly StoreMutant[] = [
  full('lease-never-ends', 'A lease whose relay is gone is held for ever.', () => (store) => ({
    ...store,
    claim: (request) => store.claim({ ...request, leaseMs: request.leaseMs * 1_000 }),
  })),

  full('renew-does-nothing', 'A renewal is confirmed and not written.', () => (store) => ({
    ...store,
    renew: async (lease) => ({ lease, wanted: false }),
  })),

  full(
    'renew-adds-to-the-end',
    'A renewal adds to the end of the lease instead of counting from now.',
    () => {
      let added = 0;
      return (store) => ({
        ...store,
        renew: (lease, leaseMs) => store.renew(lease, leaseMs + ++added * leaseMs),
      });
    },
  ),

  full('renew-resurrects', 'A lease that was lost is renewed.', () => (store) => ({
    ...store,
    renew: async (lease, leaseMs) => (await store.renew(lease, leaseMs)) ?? { lease, wanted: false },
  })),

  full(
    'renew-in-part',
    'What is left of a lease is extended although a part of it is lost.',
    () => (store) => ({
      ...store,
      async renew(lease, leaseMs) {
        const whole = await store.renew(lease, leaseMs);
        if (whole !== null) return whole;
        for (const orderKey of (lease.state as { orderKeys: ReadonlySet<string> }).orderKeys)
          await store.renew({ ...lease, state: { orderKeys: new Set([orderKey]) } }, leaseMs);
        return null;
      },
    }),
  ),

  full('release-lost', 'A release is confirmed and not written.', () => (store) => ({
    ...store,
    release: async () => {},
  })),

  full(
    'release-charges',
    'What was read and not settled counts as tried when the lease is given back.',
    () => {
      const read = new Map<string, { lease: Lease; messages: Map<string, ClaimedMessage> }>();
      return (store) => ({
        ...store,
        async read(lease, request) {
          const messages = await store.read(lease, request);
          const known = read.get(lease.token)?.messages ?? new Map<string, ClaimedMessage>();
          for (const message of messages) known.set(message.id, message);
          read.set(lease.token, { lease, messages: known });
          return messages;
        },
        async release(token) {
          const { lease, messages } = read.get(token) ?? {
            lease: null,
            messages: new Map<string, ClaimedMessage>(),
          };
          const retry = [...messages.values()].map((message) => ({ message, delayMs: 0, error: 'released' }));
          if (lease !== null) await store.settle(lease, { ...NONE, retry });
          await store.release(token);
        },
      });
    },
  ),

  full('release-wants-a-known-token', 'A release of a token that nobody holds is an error.', () => {
    const tokens = new Set<string>();
    return (store) => ({
      ...store,
      claim(request) {
        tokens.add(request.token);
        return store.claim(request);
      },
      async release(token) {
        if (!tokens.delete(token)) throw new Error(`no lease ${token}`);
        await store.release(token);
      },
    });
  }),

  full('release-from-memory', 'A store releases only what it remembers to have claimed.', () => (store) => {
    const tokens = new Set<string>();
    return {
      ...store,
      async claim(request) {
        const lease = await store.claim(request);
        if (lease !== null) tokens.add(lease.token);
        return lease;
      },
      release: async (token) => (tokens.has(token) ? store.release(token) : undefined),
    };
  }),

  full('release-by-name', 'A release frees everything the relay of that name holds.', () => {
    const relays = new Map<string, string>();
    return (store) => ({
      ...store,
      claim(request) {
        relays.set(request.token, request.relay);
        return store.claim(request);
      },
      async release(token) {
        const relay = relays.get(token);
        for (const [other, name] of relays) if (name === relay) await store.release(other);
      },
    });
  }),

  full(
    'read-charges-everyone',
    'Every message of a read is charged before it is published.',
    () => (store) => ({
      ...store,
      async read(lease, request) {
        const messages = await store.read(lease, request);
        for (const message of messages) rowOf(message).attempts++;
        return messages;
      },
    }),
  ),

  full('crash-charges-the-batch', 'After a take-over everything that was read counts as tried.', () => {
    const read = new Map<string, ClaimedMessage>();
    return (store) => ({
      ...store,
      async claim(request) {
        const lease = await store.claim(request);
        if (lease !== null)
          for (const message of read.values())
            if (rowOf(message).phase === 'suspect') rowOf(message).attempts++;
        return lease;
      },
      async read(lease, request) {
        const messages = await store.read(lease, request);
        for (const message of messages) read.set(message.id, message);
        return messages;
      },
    });
  }),

  full('crashes-uncounted', 'Messages whose relay disappeared are as fresh as any.', () => {
    const read = new Map<string, ClaimedMessage>();
    return (store) => ({
      ...store,
      async read(lease, request) {
        for (const message of read.values())
          if (rowOf(message).phase === 'suspect') rowOf(message).phase = 'fresh';
        const messages = await store.read(lease, request);
        for (const message of messages) read.set(message.id, message);
        return messages;
      },
    });
  }),

  full(
    'clock-of-the-relay',
    "Ends of leases and due times are computed by the relay's clock.",
    () => (store) => ({
      ...store,
      claim: (request) => store.claim({ ...request, leaseMs: request.leaseMs + skewMs() }),
      renew: (lease, leaseMs) => store.renew(lease, leaseMs + skewMs()),
      settle: (lease, settlements) =>
        store.settle(lease, {
          ...settlements,
          retry: settlements.retry.map((it) => ({ ...it, delayMs: it.delayMs + skewMs() })),
        }),
    }),
  ),

  full(
    'killed-claim-holds',
    'A claim that was cut leaves rows marked that no release and no end clears.',
    (lab) => (store) => ({
      ...store,
      async claim(request) {
        try {
          return await store.claim(request);
        } catch (error) {
          await lab.memory.claim({ ...request, token: 'half a lease', leaseMs: 1e12 });
          throw error;
        }
      },
    }),
  ),

  full(
    'killed-claim-is-fatal',
    'A connection that was cut is an error that nobody retries.',
    () => (store) => ({
      ...store,
      async read(lease, request) {
        try {
          return await store.read(lease, request);
        } catch (error) {
          throw new Error('Connection terminated unexpectedly', { cause: error });
        }
      },
    }),
  ),
];
