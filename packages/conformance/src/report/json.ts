import type { ClauseResult, ClauseStatus } from '../run/result.ts';
import { summarise } from './summary.ts';

/** A run for machines. */
export interface JsonReport {
  /** Version of the specification. */
  readonly spec: 1;
  readonly adapter: string;
  readonly conforms: boolean;
  readonly counts: Readonly<Record<ClauseStatus, number>>;
  readonly results: readonly ClauseResult[];
}

/** The run as a value that `JSON.stringify` can write. */
export function toJson(adapter: string, results: readonly ClauseResult[]): JsonReport {
  return { spec: 1, adapter, ...summarise(results), results };
}
