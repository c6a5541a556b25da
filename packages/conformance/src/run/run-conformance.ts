import { SourceBench } from '../bench/source-bench.ts';
import { StoreBench } from '../bench/store-bench.ts';
import { TransportBench } from '../bench/transport-bench.ts';
import { SOURCE_CLAUSES, STORE_CLAUSES, TRANSPORT_CLAUSES } from '../clauses.ts';
import type { Deviation } from '../harness/harness.ts';
import type { SourceHarness } from '../harness/source-harness.ts';
import type { StoreHarness } from '../harness/store-harness.ts';
import type { TransportHarness } from '../harness/transport-harness.ts';
import { checkHarness } from './check-harness.ts';
import type { ClauseResult } from './result.ts';
import { runClause } from './run-clause.ts';
import { select } from './select.ts';
import { type RunOptions, readRunOptions } from './settings.ts';

/** A harness of any kind. */
export type Harness = StoreHarness | TransportHarness | SourceHarness;

/** A clause that is ready to run. */
export interface PlannedClause {
  /** Number in the specification, for example `S3.5`. */
  readonly id: string;
  /** Name of the case; `null` for a clause with a single proof. */
  readonly case: string | null;
  /** The sentence of the specification. */
  readonly title: string;
  /** Whether the manifest of the adapter selects it. */
  readonly applies: boolean;
  /** Powers that the proof needs and the harness lacks. */
  readonly lacking: readonly string[];
  /** The known defect that makes it fail; `null` for most. */
  readonly deviation: Deviation | null;
  /** Runs it; the failure of an adapter is an answer, not a rejection. */
  run(): Promise<ClauseResult>;
}

/**
 * Chooses the clauses that bind an adapter, in the order of the specification.
 *
 * Throws a `TypeError` when the harness is incomplete, when nothing would run, or when a deviation names what does not
 * run.
 */
export function planConformance(harness: Harness, options: RunOptions = {}): readonly PlannedClause[] {
  checkHarness(harness);
  const { grep, seed } = readRunOptions('runConformance', options);
  if (harness.kind === 'store') {
    return select(STORE_CLAUSES, harness, grep).map((selected) => ({
      ...selected,
      run: () =>
        runClause(
          selected,
          (clause: (typeof STORE_CLAUSES)[number], random, trace) =>
            StoreBench.open(harness, { schema: clause.schema ?? 'installed' }, random, trace),
          seed,
          harness.waits,
        ),
    }));
  }
  if (harness.kind === 'source') {
    // A source offers nothing beyond the contract.
    return select(SOURCE_CLAUSES, { ...harness, facets: [] }, grep).map((selected) => ({
      ...selected,
      run: () =>
        runClause(
          selected,
          (clause: (typeof SOURCE_CLAUSES)[number], random, trace) =>
            SourceBench.open(harness, { takeover: clause.takeover ?? 'soon' }, random, trace),
          seed,
          harness.waits,
        ),
    }));
  }
  return select(TRANSPORT_CLAUSES, harness, grep).map((selected) => ({
    ...selected,
    run: () =>
      runClause(
        selected,
        (_clause, random, trace) => TransportBench.open(harness, random, trace),
        seed,
        harness.waits,
      ),
  }));
}

/** Runs the clauses that bind an adapter one after the other, and yields what becomes of each. */
export async function* runConformance(
  harness: Harness,
  options: RunOptions = {},
): AsyncGenerator<ClauseResult, void> {
  for (const clause of planConformance(harness, options)) yield await clause.run();
}
