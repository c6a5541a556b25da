import { binds, type Clause, compareIds } from '../clause.ts';
import type { Deviation, HarnessBase } from '../harness/harness.ts';
import type { Manifest } from '../manifest.ts';

/** A clause, or a case of it, with what is to become of it. */
export interface Selected<C> {
  readonly clause: C;
  readonly id: string;
  readonly title: string;
  /** `null` for a clause with a single proof. */
  readonly case: string | null;
  /** Whether the manifest selects it. */
  readonly applies: boolean;
  /** Powers that the proof needs and the harness lacks. */
  readonly lacking: readonly string[];
  readonly deviation: Deviation | null;
}

/** A harness as far as the choice of clauses is concerned. */
export type SelectingHarness<Capabilities, Facet extends string> = HarnessBase &
  Manifest<Capabilities, Facet> & { readonly powers?: object | undefined };

/**
 * Chooses clauses by the manifest alone, and marks those that lack a power.
 *
 * Throws a `TypeError` when nothing is left, or when a deviation names what does not run: both look like success.
 */
export function select<Capabilities, Facet extends string, Power extends string, Bench>(
  clauses: readonly Clause<Capabilities, Facet, Power, Bench>[],
  harness: SelectingHarness<Capabilities, Facet>,
  grep: string,
): Selected<Clause<Capabilities, Facet, Power, Bench>>[] {
  const all = clauses
    .toSorted((a, b) => compareIds(a.id, b.id))
    .flatMap((clause) =>
      (clause.cases ?? [null]).map((part) => {
        const needs: readonly string[] = [...(clause.needs ?? []), ...(part?.needs ?? [])];
        const name = part?.name ?? null;
        return {
          clause,
          id: clause.id,
          title: clause.title,
          case: name,
          applies: binds(clause, harness) && (part === null || binds<Capabilities, Facet>(part, harness)),
          lacking: needs.filter((need) => !offers(harness, need)),
          deviation: harness.deviations?.find((it) => deviationIs(it, clause.id, name)) ?? null,
        };
      }),
    );
  const exercised = (it: (typeof all)[number]): boolean => it.applies && it.lacking.length === 0;
  for (const deviation of harness.deviations ?? []) {
    if (all.some((it) => it.deviation === deviation && exercised(it))) continue;
    throw new TypeError(
      `The deviation for ${deviation.clause}${deviation.case === undefined ? '' : ` [${deviation.case}]`} names no clause that runs against "${harness.name}": remove it, or correct the number.`,
    );
  }
  const chosen = all.filter((it) => grepMatches(it, grep));
  if (chosen.some(exercised)) return chosen;
  throw new TypeError(
    grep === ''
      ? `No clause can be exercised against "${harness.name}".`
      : `No clause that can be exercised against "${harness.name}" matches ${JSON.stringify(grep)}: name a section (S5), a clause (S5.8) or words of its sentence.`,
  );
}

function offers(harness: { readonly powers?: object | undefined }, power: string): boolean {
  return (harness.powers as Record<string, unknown> | undefined)?.[power] !== undefined;
}

function deviationIs(deviation: Deviation, id: string, name: string | null): boolean {
  return deviation.clause === id && (deviation.case === undefined || deviation.case === name);
}

/** `S1` is a section and must not find S10. */
function grepMatches(it: { id: string; case: string | null; title: string }, grep: string): boolean {
  if (/^[strc]\d+$/i.test(grep)) return it.id.startsWith(`${grep.toUpperCase()}.`);
  if (/^[strc]\d+\.\d+$/i.test(grep)) return it.id === grep.toUpperCase();
  return `${it.id} ${it.case ?? ''} ${it.title}`.toLowerCase().includes(grep.toLowerCase());
}
