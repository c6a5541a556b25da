import type { Condition, Manifest } from './manifest.ts';

/**
 * One sentence of the specification together with its proof.
 *
 * @typeParam Capabilities - the manifest's literals that conditions refer to
 * @typeParam Facet - names of facets
 * @typeParam Power - names of what a harness can do besides the minimum
 * @typeParam Bench - what the proof works with
 */
export interface Clause<Capabilities, Facet extends string, Power extends string, Bench> {
  /** Number in the specification, for example `S3.5`. */
  readonly id: string;
  /** The sentence of the specification, word for word, without its condition. */
  readonly title: string;
  /** Capabilities that make the clause bind. Default: it binds always. */
  readonly when?: Condition<Capabilities>;
  /** Facet whose presence makes the clause bind. Default: none. */
  readonly facet?: Facet;
  /** Powers without which the proof cannot be carried out. Default: none. */
  readonly needs?: readonly Power[];
  /** Separate proofs of the sentence, each reported by itself. Default: a single one. */
  readonly cases?: readonly ClauseCase<Facet, Power>[];
  /** Carries out the proof; rejects when the adapter does not keep the sentence. */
  run(bench: Bench, name: string): Promise<void>;
}

/** One of several proofs of a clause. */
export interface ClauseCase<Facet extends string, Power extends string> {
  readonly name: string;
  /** Facet whose presence makes the case bind. Default: none. */
  readonly facet?: Facet;
  /** Powers without which the case cannot be carried out. Default: none. */
  readonly needs?: readonly Power[];
}

/** Tells whether a clause, or a case of it, binds an adapter. */
export function binds<Capabilities, Facet extends string>(
  subject: { readonly when?: Condition<Capabilities>; readonly facet?: Facet },
  manifest: Manifest<Capabilities, Facet>,
): boolean {
  if (subject.facet !== undefined && !manifest.facets.includes(subject.facet)) return false;
  return Object.entries(subject.when ?? {}).every(
    ([name, value]) => (manifest.capabilities as Record<string, unknown>)[name] === value,
  );
}

/** The condition of a clause as the specification words it; empty when it binds always. */
export function conditionText(clause: { readonly when?: object; readonly facet?: string }): string {
  const parts = Object.entries(clause.when ?? {}).map(([name, value]) => `\`${name}: '${String(value)}'\``);
  if (clause.facet !== undefined) parts.push(`facet \`${clause.facet}\``);
  return parts.join(', ');
}

/** Puts `S10.2` behind `S9.7`. */
export function compareIds(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
