import type { Clock } from '../clock.ts';
import { OutboxError } from '../errors.ts';
import type { OutboxStore } from '../store.ts';
import { within } from './patience.ts';

/** How long a call on a store may take before it counts as failed, in milliseconds. */
export const STORE_ANSWER_MS = 60_000;

/**
 * Puts a limit of time on every call of a store that a lane waits for.
 *
 * A connection that went silent never answers, while the lease is renewed on another one: without a limit, everything
 * the lease covers would wait for ever. The outcome of a call that was given up is unknown, which the engine is built
 * for: a claim is released by its token, a settle is repeated.
 */
export function boundStore(store: OutboxStore, clock: Clock): OutboxStore {
  const bound = <T>(verb: string, call: Promise<T>, late?: (value: T) => void): Promise<T> =>
    within(call, clock, STORE_ANSWER_MS, () => silence(store.name, verb), late);
  const { sharing, maintenance } = store;
  return {
    ...store,
    claim: (request) =>
      bound('claim', store.claim(request), (lease) => {
        // Nobody waits for this lease any more; should the release fail too, it ends by itself.
        if (lease !== null) store.release(lease.token).catch(() => {});
      }),
    read: (lease, request) => bound('read', store.read(lease, request)),
    settle: (lease, settlements) => bound('settle', store.settle(lease, settlements)),
    renew: (lease, leaseMs) => bound('renew', store.renew(lease, leaseMs)),
    release: (token) => bound('release', store.release(token)),
    sharing:
      sharing === undefined
        ? undefined
        : {
            handOver: (lease) => bound('handOver', sharing.handOver(lease)),
            widen: (lease, request) => bound('widen', sharing.widen(lease, request)),
          },
    maintenance:
      maintenance === undefined
        ? undefined
        : { purge: (request) => bound('purge', maintenance.purge(request)) },
  };
}

function silence(name: string, verb: string): OutboxError {
  return new OutboxError(
    'STORE_UNAVAILABLE',
    `The store "${name}" did not answer ${verb} within ${STORE_ANSWER_MS} ms.`,
  );
}
