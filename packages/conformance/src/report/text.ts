import { type ClauseResult, resultName } from '../run/result.ts';
import { named, summarise } from './summary.ts';

/**
 * Writes a run for people: every failure with its obligation, what was seen and how to repeat it; then what deviates,
 * what was not exercised and why, and the totals.
 */
export function formatReport(adapter: string, results: readonly ClauseResult[]): string {
  const { counts, conforms } = summarise(results);
  const failures = results.filter(({ status }) => status === 'failed');
  const sections = [
    ...failures.map((result) => `✗ ${failureText(result)}`),
    ...list('known deviations', results, 'deviates'),
    ...list('not exercised', results, 'not-exercised'),
    [
      `${adapter}: ${conforms ? 'conforms' : 'does not conform'}`,
      `${counts.passed} passed, ${counts.failed} failed, ${counts.deviates} deviate, ${counts['not-exercised']} not exercised; ${notSelected(results)}`,
    ].join('\n'),
  ];
  return `${sections.join('\n\n')}\n`;
}

/** One line for a result, as it comes in. */
export function formatResult(result: ClauseResult): string {
  const mark = { passed: '✓', failed: '✗', deviates: '~', 'not-exercised': '–', 'not-applicable': ' ' }[
    result.status
  ];
  return `${mark} ${resultName(result)}  ${result.title}`;
}

function failureText(result: ClauseResult): string {
  const detail = result.detail ?? 'failed without a word';
  return detail.startsWith(result.id)
    ? detail
    : `${resultName(result)} ${detail}\n  obligation: ${result.title}`;
}

function list(
  heading: string,
  results: readonly ClauseResult[],
  status: 'deviates' | 'not-exercised',
): readonly string[] {
  const entries = named(results, status);
  if (entries.length === 0) return [];
  return [
    [`${heading}:`, ...entries.map(({ name, result }) => `  ${name}: ${result.detail ?? ''}`)].join('\n'),
  ];
}

function notSelected(results: readonly ClauseResult[]): string {
  const clauses = named(results, 'not-applicable');
  return `${clauses.length} clause${clauses.length === 1 ? ' is' : 's or cases are'} not selected by its manifest`;
}
