/**
 * What became of a clause.
 *
 * - `passed`: the adapter keeps it. - `failed`: it does not, or a deviation is out of date.
 * - `deviates`: it fails as the harness says it must.
 * - `not-exercised`: it binds the adapter, but the harness lacks a power that the proof needs.
 * - `not-applicable`: the manifest of the adapter does not select it.
 */
export type ClauseStatus = 'passed' | 'failed' | 'deviates' | 'not-exercised' | 'not-applicable';

/** The outcome of one clause, or of one case of it. */
export interface ClauseResult {
  /** Number in the specification, for example `S3.5`. */
  readonly id: string;
  /** Name of the case; `null` for a clause with a single proof. */
  readonly case: string | null;
  /** The sentence of the specification. */
  readonly title: string;
  readonly status: ClauseStatus;
  /** Why it failed, deviates or was not exercised, for people; `null` for the others. */
  readonly detail: string | null;
  readonly seed: number;
  readonly durationMs: number;
}

/** `S13.1 [closed: claim]`, or `S3.5`. */
export function resultName(result: { readonly id: string; readonly case: string | null }): string {
  return result.case === null ? result.id : `${result.id} [${result.case}]`;
}
