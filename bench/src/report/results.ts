import type { Figures } from '../harness/contender.ts';
import type { Measured } from '../harness/run-scenario.ts';
import type { Scenario, Target } from '../harness/scenario.ts';
import { median } from '../harness/statistics.ts';

/** What the rounds of one figure of one entrant come to. */
export interface FigureResult {
  readonly median: number;
  readonly least: number;
  readonly most: number;
  /** The median of the ratios to the first entrant, round by round, so that what is slow in all of them cancels out. */
  readonly ratio: number;
}

/** What became of a target. */
export interface TargetResult extends Target {
  readonly measured: number;
  readonly met: boolean;
}

/** The outcome of a scenario. */
export interface ScenarioResult {
  readonly name: string;
  readonly title: string;
  readonly messages: number;
  readonly rounds: number;
  readonly entrants: Readonly<Record<string, Readonly<Record<string, FigureResult>>>>;
  readonly targets: readonly TargetResult[];
  readonly versions: Readonly<Record<string, string>>;
}

/** Sums up the rounds of a scenario. */
export function resultOf({ scenario, messages, rounds, versions }: Measured): ScenarioResult {
  const [first] = scenario.entrants;
  const base = rounds[first?.name ?? ''] ?? [];
  const entrants = Object.fromEntries(
    Object.entries(rounds).map(([name, own]) => [name, figuresOf(scenario, own, base)]),
  );
  const targets = scenario.targets.map((target) => targetResult(scenario, target, rounds));
  const { name, title } = scenario;
  return { name, title, messages, rounds: base.length, entrants, targets, versions };
}

function figuresOf(
  { figures }: Scenario,
  own: readonly Figures[],
  base: readonly Figures[],
): Readonly<Record<string, FigureResult>> {
  const results = Object.keys(figures).flatMap((figure): [string, FigureResult][] => {
    const values = valuesOf(own, figure);
    if (values.length === 0) return [];
    const ratios = values.map((value, round) => value / (base[round]?.[figure] ?? Number.NaN));
    const least = Math.min(...values);
    const most = Math.max(...values);
    return [[figure, { median: median(values), least, most, ratio: median(ratios) }]];
  });
  return Object.fromEntries(results);
}

function targetResult(
  { figures }: Scenario,
  target: Target,
  rounds: Readonly<Record<string, readonly Figures[]>>,
): TargetResult {
  const own = valuesOf(rounds[target.entrant] ?? [], target.figure);
  const best = figures[target.figure] === 'more is better' ? Math.max : Math.min;
  const rivals = (target.against ?? []).map((name) => valuesOf(rounds[name] ?? [], target.figure));
  const relative = own.map((value, round) =>
    rivals.length === 0 ? value : value / best(...rivals.map((values) => values[round] ?? Number.NaN)),
  );
  const measured = median(relative);
  const met = target.bound === 'at least' ? measured >= target.value : measured <= target.value;
  return { ...target, measured, met };
}

function valuesOf(rounds: readonly Figures[], figure: string): readonly number[] {
  return rounds.flatMap((figures) => figures[figure] ?? []);
}
