import type { SharingFacet } from '@outrelay/core';
import type { PartitionedLab } from './partitioned-lab.ts';
import { leaseOn, type PartitionedLease } from './partitioned-lease.ts';

/** Gives relays that wait their part of what a lease holds. */
export function sharingFacet(lab: PartitionedLab): SharingFacet {
  return {
    async handOver(lease) {
      const { token, state } = lease as PartitionedLease;
      const held = state.numbers.flatMap((at) => lab.partitions[at] ?? []);
      const waiting = lab.waiting.get(token)?.size ?? 0;
      lab.waiting.delete(token);
      const kept = Math.ceil(held.length / (waiting + 1));
      for (const partition of held.slice(kept)) await partition.release();
      return leaseOn(lab, token, held.slice(0, kept), 'relay');
    },

    async widen(lease, { relay, leaseMs }) {
      const { token, state } = lease as PartitionedLease;
      const held = state.numbers.flatMap((at) => lab.partitions[at] ?? []);
      const free = lab.partitions.filter((partition) => partition.isFree && !held.includes(partition));
      for (const partition of free) partition.take(token, leaseMs);
      return leaseOn(lab, token, [...held, ...free], relay);
    },
  };
}
