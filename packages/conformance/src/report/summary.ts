import { type ClauseResult, type ClauseStatus, resultName } from '../run/result.ts';

/** What a run came to. */
export interface Summary {
  readonly counts: Readonly<Record<ClauseStatus, number>>;
  /** Whether nothing failed and something was proven. */
  readonly conforms: boolean;
}

/** Counts results by status. A run that proved nothing does not conform. */
export function summarise(results: readonly ClauseResult[]): Summary {
  const counts = { passed: 0, failed: 0, deviates: 0, 'not-exercised': 0, 'not-applicable': 0 };
  for (const { status } of results) counts[status]++;
  return { counts, conforms: counts.failed === 0 && counts.passed > 0 };
}

/** Clauses whose every case has one of the statuses, so that an untouched clause is named once, not by case. */
function wholeClauses(results: readonly ClauseResult[], status: ClauseStatus): ReadonlySet<string> {
  const whole = new Set(results.filter((result) => result.status === status).map(({ id }) => id));
  for (const result of results) if (result.status !== status) whole.delete(result.id);
  return whole;
}

/** Results of a status with their names: a whole clause once, otherwise each case. */
export function named(
  results: readonly ClauseResult[],
  status: ClauseStatus,
): { readonly name: string; readonly result: ClauseResult }[] {
  const whole = wholeClauses(results, status);
  const told = new Set<string>();
  return results.flatMap((result) => {
    if (result.status !== status || told.has(result.id)) return [];
    if (!whole.has(result.id)) return [{ name: resultName(result), result }];
    told.add(result.id);
    return [{ name: result.id, result }];
  });
}
