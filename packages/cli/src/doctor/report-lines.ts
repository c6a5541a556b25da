import type { Finding } from '@outrelay/core';
import { plural } from '../terminal/figures.ts';
import type { Output } from '../terminal/output.ts';
import { printable } from '../terminal/text-width.ts';
import { wrap } from '../terminal/wrap.ts';
import { countOf, type Section } from './report.ts';

type Layout = Pick<Output, 'style' | 'columns'>;

const MAX_COLUMNS = 110;
/** Where texts begin: behind two spaces, the mark, a space, and the longest name of a check. */
const MARK_COLUMNS = 4;
const GAP = 2;
/** How the lines of a complaint begin, below what was seen. */
const LABELS = { expected: 'should be  ', remedy: 'do         ' } as const;

/** The findings as a person reads them: one line for what is good, and below what is not, what to do. */
export function reportLines(sections: readonly Section[], layout: Layout): readonly string[] {
  const names = sections.flatMap(({ findings }) => findings.map(({ check }) => check.length));
  const indent = MARK_COLUMNS + Math.max(...names) + GAP;
  const told = sections.flatMap(({ of, findings }) => [
    layout.style.bold(printable(of)),
    ...findings.flatMap((finding) => findingLines(finding, indent, layout)),
    '',
  ]);
  return [...told, summary(sections, layout)];
}

function findingLines(finding: Finding, indent: number, { style, columns }: Layout): readonly string[] {
  const width = Math.min(MAX_COLUMNS, columns);
  const block = (label: string, text: string): string[] =>
    wrap(printable(text), width, indent + label.length)
      .split('\n')
      .map((line, at) => `${at === 0 ? style.dim(label) : ' '.repeat(label.length)}${line.trimStart()}`);
  const [seen = '', ...more] = block('', finding.seen);
  const below = (lines: readonly string[]): string[] => lines.map((line) => `${' '.repeat(indent)}${line}`);
  const head = `  ${markOf(finding, style)} ${finding.check.padEnd(indent - MARK_COLUMNS)}${seen}`;
  if (finding.verdict === 'good') return [head, ...below(more)];
  return [
    head,
    ...below(more),
    ...below(block(LABELS.expected, finding.expected)),
    // In one piece, however long: it is there to be copied.
    ...below([`${style.dim(LABELS.remedy)}${style.cyan(printable(finding.remedy))}`]),
  ];
}

function markOf({ verdict }: Finding, style: Layout['style']): string {
  if (verdict === 'good') return style.green('✓');
  return verdict === 'warning' ? style.yellow('!') : style.red('✗');
}

function summary(sections: readonly Section[], { style }: Layout): string {
  const faults = countOf(sections, 'fault');
  const warnings = countOf(sections, 'warning');
  const good = countOf(sections, 'good');
  if (faults + warnings === 0) return style.green(`All is well: ${plural(good, 'check')}, nothing to do.`);
  const parts = [
    ...(faults === 0 ? [] : [style.red(plural(faults, 'fault'))]),
    ...(warnings === 0 ? [] : [style.yellow(plural(warnings, 'warning'))]),
    `${good} good`,
  ];
  return `${parts.join(', ')}.`;
}
