import type { StoreCapabilities } from '@outrelay/core';
import type { StoreBench } from '../bench/store-bench.ts';
import type { Clause } from '../clause.ts';
import type { StorePower } from '../harness/store-powers.ts';
import type { StoreFacetName } from '../manifest.ts';

/** One clause of `spec/store.md`. */
export interface StoreClause extends Clause<StoreCapabilities, StoreFacetName, StorePower, StoreBench> {
  /** `'absent'`: the proof begins on a database without the schema. Default: the schema is installed. */
  readonly schema?: 'absent';
}
