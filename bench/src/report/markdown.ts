import type { Surroundings } from '../harness/surroundings.ts';
import type { FigureResult, ScenarioResult, TargetResult } from './results.ts';
import { textTable } from './text-table.ts';

/** What a run was made on, in one paragraph. */
export function surroundingsText({ node, system, processors, load, servers }: Surroundings): string {
  const named = Object.entries(servers).map(([name, version]) => `${name} ${version}`);
  return `${[`Node ${node}`, ...named].join(', ')}; ${system}, ${processors}; load ${load}.`;
}

/** A scenario's outcome as a section in Markdown. */
export function scenarioText(result: ScenarioResult): string {
  const figures = [...new Set(Object.values(result.entrants).flatMap((own) => Object.keys(own)))];
  const head = ['', ...figures.flatMap((figure) => [figure, 'least to most', 'ratio'])];
  const rows = Object.entries(result.entrants).map(([name, own]) => [
    name,
    ...figures.flatMap((figure) => cells(own[figure])),
  ]);
  const versions = Object.entries(result.versions).map(([name, version]) => `${name} ${version}`);
  const about = `${result.messages.toLocaleString('en')} messages, median of ${result.rounds} rounds${versions.length > 0 ? `; ${versions.join(', ')}` : ''}.`;
  return [
    `### ${result.title} (\`${result.name}\`)`,
    '',
    about,
    '',
    ...textTable(head, rows),
    '',
    ...result.targets.map(targetText),
  ].join('\n');
}

function cells(figure: FigureResult | undefined): readonly string[] {
  if (figure === undefined) return ['', '', ''];
  return [
    number(figure.median),
    `${number(figure.least)} to ${number(figure.most)}`,
    figure.ratio.toFixed(2),
  ];
}

function targetText({ entrant, figure, bound, value, against, measured, met }: TargetResult): string {
  const goal =
    against === undefined ? `${bound} ${number(value)}` : `${bound} ${value} × ${against.join(' or ')}`;
  return `- ${met ? 'met' : '**missed**'}: ${entrant}, ${figure}: ${goal}; measured ${against === undefined ? number(measured) : measured.toFixed(2)}`;
}

function number(value: number): string {
  return value.toLocaleString(
    'en',
    value >= 1_000 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 3 },
  );
}
