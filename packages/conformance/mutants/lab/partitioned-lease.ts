import type { Lease } from '@outrelay/core';
import type { Partition } from './partition.ts';
import type { PartitionedLab } from './partitioned-lab.ts';

/** What a lease of a {@link PartitionedLab} knows. */
export interface PartitionedLease extends Lease {
  readonly state: { readonly numbers: readonly number[]; readonly leases: ReadonlyMap<number, Lease> };
}

/** The lease that a token has on the given partitions. */
export async function leaseOn(
  lab: PartitionedLab,
  token: string,
  held: readonly Partition[],
  relay: string,
): Promise<PartitionedLease> {
  const leases = new Map<number, Lease>();
  for (const partition of held) leases.set(lab.partitions.indexOf(partition), await partition.lease(relay));
  return { token, state: { numbers: [...leases.keys()], leases } };
}
