import type { TransportCapabilities } from '@outrelay/core';
import type { TransportBench } from '../bench/transport-bench.ts';
import type { Clause } from '../clause.ts';
import type { TransportPower } from '../harness/transport-powers.ts';
import type { TransportFacetName } from '../manifest.ts';

/** One clause of `spec/transport.md`. */
export type TransportClause = Clause<
  TransportCapabilities,
  TransportFacetName,
  TransportPower,
  TransportBench
>;
