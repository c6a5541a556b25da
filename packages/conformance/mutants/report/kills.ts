import { readFileSync } from 'node:fs';
import { type Harness, runConformance } from '@outrelay/conformance';
import type { Kills } from './mutant.ts';

/** The clauses that a broken adapter does not keep, in the order of the specification. */
export async function killsOf(harness: Harness): Promise<readonly string[]> {
  const killers = new Set<string>();
  for await (const { id, status } of runConformance(harness)) if (status === 'failed') killers.add(id);
  return [...killers];
}

/** Where the kills of a group are recorded, by `pnpm run record`. */
export function killsFile(group: string): string {
  return new URL(`../kills/${group}.json`, import.meta.url).pathname;
}

/** The recorded kills of groups. */
export function recordedKills(groups: readonly string[]): Kills {
  const records = groups.map((group) => JSON.parse(readFileSync(killsFile(group), 'utf8')) as Kills);
  return Object.assign({}, ...records) as Kills;
}
