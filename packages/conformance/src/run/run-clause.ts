import { AssertionError } from 'node:assert/strict';
import { SeededRandom } from '../bench/random.ts';
import { Trace } from '../bench/trace.ts';
import type { Waits } from '../harness/harness.ts';
import { ClauseFailure } from './failure.ts';
import type { ClauseResult } from './result.ts';
import type { Selected } from './select.ts';
import { watch } from './watchdog.ts';

const DEFAULT_CLAUSE_MS = 120_000;

/** A bench that a clause runs on. */
export interface Closable {
  close(): Promise<void>;
}

/** How benches for the clauses of one kind are made. */
export type OpenBench<C, B extends Closable> = (clause: C, random: SeededRandom, trace: Trace) => Promise<B>;

type Runnable<B> = { run(bench: B, name: string): Promise<void> };

/** Runs one clause, or one case of it, on a bench of its own; never rejects for what the adapter does. */
export async function runClause<C extends Runnable<B>, B extends Closable>(
  selected: Selected<C>,
  open: OpenBench<C, B>,
  seed: number,
  waits: Waits | undefined,
): Promise<ClauseResult> {
  const { id, title, deviation } = selected;
  const result = { id, case: selected.case, title, seed };
  if (!selected.applies) return { ...result, status: 'not-applicable', detail: null, durationMs: 0 };
  if (selected.lacking.length > 0) {
    const detail = `the harness offers no ${selected.lacking.join(', no ')}`;
    return { ...result, status: 'not-exercised', detail, durationMs: 0 };
  }
  const startMs = performance.now();
  const failure = await prove(selected, open, seed, waits?.clauseMs ?? DEFAULT_CLAUSE_MS);
  const durationMs = performance.now() - startMs;
  if (deviation === null) {
    return failure === null
      ? { ...result, status: 'passed', detail: null, durationMs }
      : { ...result, status: 'failed', detail: failure.message, durationMs };
  }
  const known = `${deviation.reason} (${deviation.issue})`;
  return failure === null
    ? {
        ...result,
        status: 'failed',
        detail: `is declared as a deviation, but is kept now: ${known}`,
        durationMs,
      }
    : { ...result, status: 'deviates', detail: known, durationMs };
}

async function prove<C extends Runnable<B>, B extends Closable>(
  selected: Selected<C>,
  open: OpenBench<C, B>,
  seed: number,
  clauseMs: number,
): Promise<ClauseFailure | null> {
  const trace = new Trace();
  let bench: B | undefined;
  let failure: ClauseFailure | null = null;
  const waitingFor = (): string =>
    trace.unanswered.length === 0
      ? 'no call was unanswered'
      : `no answer came to ${trace.unanswered.join(', ')}`;
  const attempt = async (work: Promise<void>): Promise<void> => {
    try {
      await watch(work, clauseMs, waitingFor);
    } catch (error) {
      failure ??= new ClauseFailure(selected, seed, error, trace);
    }
  };
  const { clause } = selected;
  const random = new SeededRandom(seed, `${selected.id} ${selected.case ?? ''}`);
  await attempt(
    (async () => {
      bench = await open(clause, random, trace);
      await clause.run(bench, selected.case ?? '');
    })(),
  );
  const opened = bench;
  if (opened === undefined) return failure;
  await attempt(
    opened.close().catch((error: unknown) => {
      throw new AssertionError({ message: `closing after the clause failed: ${String(error)}` });
    }),
  );
  return failure;
}
