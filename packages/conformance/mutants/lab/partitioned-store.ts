import {
  type AppendReport,
  type ClaimRequest,
  type Mode,
  type OutboxStore,
  type StoreCapabilities,
  type TransactionsFacet,
  type WakeupsFacet,
} from '@outrelay/core';
import { capabilities as memoryCapabilities } from '@outrelay/store-memory';
import { type PartitionedLab, PartitionedTransaction } from './partitioned-lab.ts';
import { leaseOn, type PartitionedLease } from './partitioned-lease.ts';
import { read } from './partitioned-read.ts';
import { renew, settle } from './partitioned-settle.ts';
import { sharingFacet } from './partitioned-sharing.ts';

/** A store of a {@link PartitionedLab}. */
export type PartitionedStore = OutboxStore<PartitionedTransaction, Mode, undefined>;

export function partitionedCapabilities(lab: Pick<PartitionedLab, 'options'>): StoreCapabilities {
  const { partitions, append } = lab.options;
  const leaseScope = partitions === 1 ? 'store' : 'partitioned';
  return { ...memoryCapabilities, append, leaseScope, duplicateIds: 'stored' };
}

/** An honest store on a {@link PartitionedLab}. */
export function partitionedStore(lab: PartitionedLab): PartitionedStore {
  const subscriptions = new Set<() => Promise<void>>();
  return {
    spec: 1,
    name: 'partitioned lab',
    capabilities: partitionedCapabilities(lab),
    append(tx, messages, { autocommit }) {
      const write = (): AppendReport => {
        const own = tx === undefined && autocommit ? new PartitionedTransaction(lab) : null;
        lab.add(own ?? tx, messages);
        own?.commit();
        return { duplicates: [] };
      };
      return lab.options.append === 'sync' ? write() : (async () => write())();
    },
    claim: (request) => claim(lab, request),
    read: (lease, request) => read(lab, lease as PartitionedLease, request),
    settle: (lease, settlements) => settle(lab, lease as PartitionedLease, settlements),
    renew: (lease, leaseMs) => renew(lab, lease as PartitionedLease, leaseMs),
    async release(token) {
      for (const partition of lab.partitions) if (partition.token === token) await partition.release();
      lab.wake();
    },
    async close() {
      for (const close of subscriptions) await close();
    },
    transactions: transactionsFacet(lab),
    sharing: lab.partitions.length > 1 ? sharingFacet(lab) : undefined,
    wakeups: wakeupsFacet(lab, subscriptions),
  };
}

async function claim(lab: PartitionedLab, request: ClaimRequest): Promise<PartitionedLease | null> {
  const matches = (topic: string): boolean => request.topics.matches(topic);
  const due = await Promise.all(lab.partitions.map((partition) => partition.hasDue(matches)));
  const free = lab.partitions.filter(({ isFree }) => isFree);
  if (!free.some((partition) => due[lab.partitions.indexOf(partition)])) {
    for (const [at, { token, isFree }] of lab.partitions.entries()) {
      if (isFree || !due[at]) continue;
      lab.waiting.set(token, (lab.waiting.get(token) ?? new Set()).add(request.relay));
    }
    return null;
  }
  for (const partition of free) partition.take(request.token, request.leaseMs);
  return leaseOn(lab, request.token, free, request.relay);
}

function transactionsFacet(lab: PartitionedLab): TransactionsFacet<PartitionedTransaction, Mode> {
  return {
    async run(work) {
      const transaction = new PartitionedTransaction(lab);
      try {
        const result = await work(transaction);
        transaction.commit();
        return result;
      } catch (error) {
        transaction.rollback();
        throw error;
      }
    },
  };
}

function wakeupsFacet(lab: PartitionedLab, subscriptions: Set<() => Promise<void>>): WakeupsFacet {
  return {
    async listen(listener) {
      const wake = (): void => listener.wake();
      lab.listeners.add(wake);
      const close = async (): Promise<void> => {
        lab.listeners.delete(wake);
        subscriptions.delete(close);
      };
      subscriptions.add(close);
      return { close };
    },
  };
}
