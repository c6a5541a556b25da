import type { StoreHarness } from '@outrelay/conformance';
import { PartitionedLab, type PartitionedOptions } from './partitioned-lab.ts';
import { type PartitionedStore, partitionedCapabilities, partitionedStore } from './partitioned-store.ts';

/** Makes the store of each connection out of the honest one. */
export type MutatePartitioned = (lab: PartitionedLab) => (store: PartitionedStore) => PartitionedStore;

/** The harness of a model database with partitions; `mutate` breaks the stores on it. */
export function partitionedHarness(
  options: PartitionedOptions,
  mutate: MutatePartitioned = () => (store) => store,
): StoreHarness {
  return {
    kind: 'store',
    name: `lab, ${options.partitions} partitions, ${options.append}`,
    capabilities: partitionedCapabilities({ options }),
    facets: ['transactions', 'wakeups', ...(options.partitions > 1 ? (['sharing'] as const) : [])],
    manyRows: 300,
    waits: { patienceMs: 50, quietMs: 5, clauseMs: 1_000 },
    powers: { concurrentWriters: true },
    async open() {
      const lab = new PartitionedLab(options);
      const change = mutate(lab);
      return {
        connect: () => change(partitionedStore(lab)),
        begin: async () => lab.begin(),
        rootHandle: () => undefined,
        elapse: async (ms) => lab.clock.elapse(ms),
        now: async () => new Date(lab.clock.now()),
        async remove() {
          for (const { memory } of lab.partitions) await memory.close();
        },
      };
    },
  };
}
