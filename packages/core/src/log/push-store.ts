import { guardStore } from '../guard/guard-store.ts';
import type { Mode, OutboxStore } from '../store.ts';
import { LogReader } from './log-reader.ts';
import { type PushOptions, readPushOptions } from './push-options.ts';

/**
 * Makes a store whose relay is pushed by the database's own log instead of asking for new messages.
 *
 * The relay holds the lease on the whole store. Fresh messages reach it through the log, in the order of their
 * commits; everything else (retries, scheduled and redriven messages, what was there before) through the tables, which
 * stay the truth: a message leaves the outbox when it is settled, by token, like in any relay. So nothing depends on
 * the log. While it is lost or cannot be followed the relay polls, and says so by the event `wakeups-lost`.
 *
 * One relay follows, others stand by. Between pushed and polling relays one can change at any time.
 *
 * @example
 * const relay = createRelay({ store: pushStore(store), transport });
 * relay.start();
 */
export function pushStore<Tx, M extends Mode, Root>(
  store: OutboxStore<Tx, M, Root>,
  options: PushOptions = {},
): OutboxStore<Tx, M, Root> {
  const settings = readPushOptions(options);
  const base = guardStore<Tx, M, Root>(store);
  const { log } = base;
  if (log === undefined) {
    throw new TypeError(
      `pushStore: the store "${base.name}" has no log to follow; createRelay polls it, without pushStore.`,
    );
  }
  const reader = new LogReader(base, log, settings);
  return {
    ...base,
    capabilities: { ...base.capabilities, leaseScope: 'store' },
    keepsLease: true,
    claim: (request) => reader.claim(request),
    read: (lease, request) => reader.read(lease, request),
    settle: (lease, settlements) => reader.settle(lease, settlements),
    release: (token) => reader.release(token),
    async close() {
      await reader.close();
      await base.close();
    },
    sharing: reader.sharing,
    wakeups: { listen: (listener) => reader.listen(listener) },
  };
}
