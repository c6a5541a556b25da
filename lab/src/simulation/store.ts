import type { Lease, OutboxStore, SettleReport, StoreCapabilities, WakeupsFacet } from '@outrelay/core';
import type { Verb } from './world.ts';
import type { SimulatedProcess } from './process.ts';
import { EARLY_MS } from './process-clock.ts';
import { deliveryOf } from './rows.ts';

const CAPABILITIES: StoreCapabilities = {
  append: 'async',
  durability: 'volatile',
  leaseScope: 'partitioned',
  duplicateIds: 'ignored',
  ordering: 'key',
  polyglot: 'none',
  savepoints: 'none',
  limits: { maxPayloadBytes: 1_000_000, maxHeadersBytes: 10_000, maxMessagesPerAppend: 1_000 },
};

/** Refusals that waiting does not cure, after which a relay may leave a batch unrecorded. */
const HARD_FAILURES = 3;

/** The database as one process sees it: over a network that delays, loses and keeps silent. */
export function simulatedStore(process: SimulatedProcess): OutboxStore {
  const { world } = process;
  const { database, faults, options } = world;
  const hardFailures = new Map<string, number>();
  const call = <T>(
    verb: Verb,
    token: string,
    work: () => T,
    answered: (value: T) => void = () => {},
  ): Promise<T> => {
    if (process.ended && faults.weather.quiet)
      world.ledger.broken(`${verb} is called by a relay that has ended (R7.5)`);
    const fate = faults.storeCall();
    return new Promise((resolve, reject) => {
      const fail = (): void => {
        const error = faults.storeError();
        if (verb === 'settle' && error.message === 'odd')
          hardFailures.set(token, (hardFailures.get(token) ?? 0) + 1);
        world.note(process.name, verb, () => `${short(token)} fails: ${error.message}`);
        reject(error);
      };
      if (fate.trouble === 'refused') world.scheduler.after(fate.thereMs, process, fail);
      if (fate.trouble === 'refused' || fate.trouble === 'unheard') return;
      // The request is on its way, and arrives even when its sender is no more; mostly.
      world.scheduler.after(fate.thereMs, null, () => {
        if (process.dead && world.random.chance(0.5)) return;
        const value = work();
        if (fate.trouble === 'silent') return;
        world.scheduler.after(fate.backMs, process, () => {
          if (fate.trouble === 'lost') return fail();
          world.note(process.name, verb, () => `${short(token)} ${JSON.stringify(shown(value))}`);
          answered(value);
          resolve(value);
        });
      });
    });
  };
  const store: OutboxStore = {
    spec: 1,
    name: 'simulated',
    capabilities: { ...CAPABILITIES, leaseScope: options.partitions === 1 ? 'store' : 'partitioned' },
    append: async () => ({ duplicates: [] }),
    claim: (request) => call('claim', request.token, () => database.claim(request)),
    read: (lease, request) => call('read', lease.token, () => database.read(process, lease, request)),
    settle: (lease, settlements) => {
      const { accepted, retry, dead, returned } = settlements;
      const all = [
        ...accepted,
        ...retry.map(({ message }) => message),
        ...dead.map(({ message }) => message),
        ...returned,
      ];
      const settling = call(
        'settle',
        lease.token,
        () => database.settle(lease, settlements),
        (report) => {
          if (report.lost.length > 0) process.toldLost.add(lease.token);
        },
      );
      return settling.catch((error: unknown) => {
        if ((hardFailures.get(lease.token) ?? 0) >= HARD_FAILURES)
          for (const message of all) deliveryOf(message).excuse ??= 'the store refused to record it';
        throw error;
      });
    },
    renew: (lease, leaseMs) => {
      const askedAtMs = world.scheduler.nowMs;
      return call(
        'renew',
        lease.token,
        () => database.renew(lease, leaseMs),
        (report) => {
          // A relay gives up on a renewal after a third of the lease: an answer that is later may be about what the lease
          // covered before a hand-over.
          if (report === null && world.scheduler.nowMs - askedAtMs < leaseMs / 3 - EARLY_MS)
            process.toldLost.add(lease.token);
        },
      );
    },
    release: (token) =>
      call('release', token, () => {
        if (database.release(token)) world.doorbell.ring();
      }),
    close: async () => {},
    sharing:
      options.partitions === 1 || !options.sharing
        ? undefined
        : {
            handOver: (lease) => call('handOver', lease.token, () => database.handOver(lease)),
            widen: (lease, { leaseMs }) => call('widen', lease.token, () => database.widen(lease, leaseMs)),
          },
    wakeups: options.wakeups ? wakeups(process, call) : undefined,
  };
  return store;
}

function wakeups(
  process: SimulatedProcess,
  call: <T>(verb: Verb, token: string, work: () => T) => Promise<T>,
): WakeupsFacet {
  const { doorbell } = process.world;
  return {
    listen: (listener) =>
      call('listen', '', () => {
        const remove = doorbell.add(process, listener);
        return { close: () => call('unlisten', '', remove) };
      }),
  };
}

function short(token: string): string {
  return token.replace(/^0+/, '#');
}

/** What of an answer tells the course of events. */
function shown(value: unknown): unknown {
  if (Array.isArray(value))
    return value.map((item: { id: string; attempt: number }) => `${item.id}/${item.attempt}`);
  const report = value as (SettleReport & Lease) | null | undefined;
  if (report?.settled !== undefined) return report;
  return report === null || report === undefined ? (value ?? null) : (report.state ?? 'done');
}
