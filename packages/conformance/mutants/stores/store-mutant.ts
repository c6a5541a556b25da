import type { StoreHarness } from '@outrelay/conformance';
import { fullHarness, type MutateFull } from '../lab/full-harness.ts';
import { type MutatePartitioned, partitionedHarness } from '../lab/partitioned-harness.ts';
import type { Mutant } from '../report/mutant.ts';

/** A store with one bug, of a kind that has been found in the world. */
export interface StoreMutant extends Mutant {
  readonly harness: StoreHarness;
}

/** Breaks the store that can do everything. */
export function full(name: string, bug: string, mutate: MutateFull): StoreMutant {
  return { name, bug, harness: fullHarness(mutate) };
}

/** Breaks the store whose leases cover partitions. */
export function shared(name: string, bug: string, mutate: MutatePartitioned): StoreMutant {
  return { name, bug, harness: partitionedHarness({ partitions: 8, append: 'async' }, mutate) };
}

/** Breaks the synchronous store that is held as a whole. */
export function single(name: string, bug: string, mutate: MutatePartitioned): StoreMutant {
  return { name, bug, harness: partitionedHarness({ partitions: 1, append: 'sync' }, mutate) };
}
