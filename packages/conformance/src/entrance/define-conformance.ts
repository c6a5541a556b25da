import { any, optionalFunction, readOptions } from '@outrelay/core';
import type { SourceHarness } from '../harness/source-harness.ts';
import type { StoreHarness } from '../harness/store-harness.ts';
import type { TransportHarness } from '../harness/transport-harness.ts';
import { resultName } from '../run/result.ts';
import { type Harness, type PlannedClause, planConformance } from '../run/run-conformance.ts';
import type { RunOptions } from '../run/settings.ts';

const DEFAULT_CLAUSE_MS = 120_000;

/** `describe` of the test runner in use. */
export type Describe = (title: string, work: () => void) => unknown;

/** `it` of the test runner in use; what it calls leaving a test out, it may offer as `skip`. */
export interface It {
  (title: string, work: () => Promise<void>, timeoutMs: number): unknown;
  readonly skip?: (title: string, work: () => Promise<void>) => unknown;
}

/** Options of {@link defineStoreConformance} and its sisters. */
export interface DefineOptions<H extends Harness> extends RunOptions {
  readonly describe: Describe;
  readonly it: It;
  readonly harness: H;
}

/**
 * Defines one test per clause that binds the store, for any runner with `describe` and `it`.
 *
 * What the harness cannot exercise is shown as left out, with the reason in its title. Throws a `TypeError` when
 * nothing would run.
 *
 * @example
 * defineStoreConformance({ describe, it, harness });
 */
export function defineStoreConformance(options: DefineOptions<StoreHarness>): void {
  define('defineStoreConformance', 'store', options);
}

/** Defines one test per clause that binds the transport; see {@link defineStoreConformance}. */
export function defineTransportConformance(options: DefineOptions<TransportHarness>): void {
  define('defineTransportConformance', 'transport', options);
}

/** Defines one test per clause that binds the source; see {@link defineStoreConformance}. */
export function defineSourceConformance(options: DefineOptions<SourceHarness>): void {
  define('defineSourceConformance', 'source', options);
}

function define(owner: string, kind: Harness['kind'], options: DefineOptions<Harness>): void {
  const { describe, it, harness, grep, seed } = readOptions(owner, options, {
    describe: optionalFunction<Describe>(),
    it: optionalFunction<It>(),
    harness: any<Harness | undefined>(undefined),
    grep: any<string | undefined>(undefined),
    seed: any<number | undefined>(undefined),
  });
  if (describe === undefined || it === undefined || harness?.kind !== kind) {
    throw new TypeError(
      `Expected ${owner} to get describe and it of a test runner, and a harness of the kind "${kind}".`,
    );
  }
  const clauses = planConformance(harness, { grep, seed }).filter(({ applies }) => applies);
  const clauseMs = harness.waits?.clauseMs ?? DEFAULT_CLAUSE_MS;
  describe(`${harness.name} conforms`, () => {
    for (const section of new Set(clauses.map(sectionOf))) {
      describe(section, () => {
        for (const clause of clauses) if (sectionOf(clause) === section) defineClause(it, clause, clauseMs);
      });
    }
  });
}

/** `S13` of `S13.1`. */
function sectionOf({ id }: PlannedClause): string {
  return id.slice(0, id.indexOf('.'));
}

function defineClause(it: It, clause: PlannedClause, clauseMs: number): void {
  const title = `${resultName(clause)} ${clause.title}`;
  if (clause.lacking.length > 0) {
    const { skip } = it;
    const told = `${title} (not exercised: the harness offers no ${clause.lacking.join(', no ')})`;
    if (skip === undefined) it(told, async () => {}, clauseMs);
    else skip(told, async () => {});
    return;
  }
  const { deviation } = clause;
  const work = async (): Promise<void> => {
    const { status, detail } = await clause.run();
    if (status !== 'failed') return;
    const failure = new Error(detail ?? 'failed without a word');
    // What was seen is in the text; a stack through the suite would only hide it.
    failure.stack = `${failure.name}: ${failure.message}`;
    throw failure;
  };
  // The bench has its own watchdog, which tells what was waited for; the runner's must not come first.
  it(
    deviation === null ? title : `${title} (known deviation: ${deviation.issue})`,
    work,
    clauseMs * 2 + 10_000,
  );
}
