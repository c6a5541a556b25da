import type { Harness } from '@outrelay/conformance';

/** An adapter with one bug. */
export interface Mutant {
  /** In kebab case; unique among the mutants of one kind. */
  readonly name: string;
  /** What it does wrong, in one sentence. */
  readonly bug: string;
  readonly harness: Harness;
}

/** Mutants by name, with the clauses that each does not keep. */
export type Kills = Readonly<Record<string, readonly string[]>>;
