import type { Finding } from '@outrelay/core';

/** Findings about one thing: this program, the store, a transport. */
export interface Section {
  readonly of: string;
  readonly findings: readonly Finding[];
  /** Whether it did not answer, so that trying again later may be all there is to do. */
  readonly unreachable?: boolean | undefined;
}

/** How many findings have this verdict. */
export function countOf(sections: readonly Section[], verdict: Finding['verdict']): number {
  return sections.flatMap(({ findings }) => findings).filter((finding) => finding.verdict === verdict).length;
}
