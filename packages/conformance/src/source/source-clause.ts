import type { SourceCapabilities } from '@outrelay/core';
import type { SourceBench } from '../bench/source-bench.ts';
import type { Clause } from '../clause.ts';
import type { PlaceRequest } from '../harness/source-harness.ts';
import type { SourcePower } from '../harness/source-powers.ts';

/** One clause of `spec/source.md`. */
export interface SourceClause extends Clause<SourceCapabilities, never, SourcePower, SourceBench> {
  /** When what a dead source had in hands goes to another. Default: `'soon'`. */
  readonly takeover?: PlaceRequest['takeover'];
}
