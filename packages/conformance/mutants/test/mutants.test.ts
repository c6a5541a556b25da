import {
  type Harness,
  runConformance,
  SOURCE_CLAUSES,
  STORE_CLAUSES,
  TRANSPORT_CLAUSES,
} from '@outrelay/conformance';
import { describe, expect, it } from 'vitest';
import { SOURCE_GROUPS, STORE_GROUPS, TRANSPORT_GROUPS } from '../report/groups.ts';
import { recordedKills } from '../report/kills.ts';

describe.each([
  ['stores', STORE_GROUPS, STORE_CLAUSES],
  ['transports', TRANSPORT_GROUPS, TRANSPORT_CLAUSES],
  ['sources', SOURCE_GROUPS, SOURCE_CLAUSES],
] as const)('the mutants of %s', (_kind, groups, clauses) => {
  const mutants = Object.values(groups).flat();
  const recorded = recordedKills(Object.keys(groups));

  it.each(mutants.map((mutant) => [mutant.name, mutant] as const))('%s dies', async (name, { harness }) => {
    expect(await isKilledBy(harness, recorded[name]?.at(-1) as string)).toBe(true);
  });

  // Which further clauses notice a mutant depends on chance where calls race: one of those recorded will do.
  it.each(clauses.map(({ id }) => id))('one of them dies by %s', async (id) => {
    const survivors = [];
    for (const { name, harness } of mutants) {
      if (recorded[name]?.includes(id) !== true) continue;
      if (await isKilledBy(harness, id)) return;
      survivors.push(name);
    }
    expect.fail(`${id} lets all of them live: ${survivors.join(', ')}`);
  });
});

/** Whether a clause finds the bug of a harness. */
async function isKilledBy(harness: Harness, id: string): Promise<boolean> {
  for await (const { status } of runConformance(harness, { grep: id })) if (status === 'failed') return true;
  return false;
}
