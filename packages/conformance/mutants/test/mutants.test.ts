import { runConformance, SOURCE_CLAUSES, STORE_CLAUSES, TRANSPORT_CLAUSES } from '@outrelay/conformance';
import { describe, expect, it } from 'vitest';
import { mutantsDocument } from '../report/document.ts';
import { SOURCE_GROUPS, STORE_GROUPS, TRANSPORT_GROUPS } from '../report/groups.ts';
import { recordedKills } from '../report/kills.ts';

describe.each([
  ['stores', STORE_GROUPS, STORE_CLAUSES],
  ['transports', TRANSPORT_GROUPS, TRANSPORT_CLAUSES],
  ['sources', SOURCE_GROUPS, SOURCE_CLAUSES],
] as const)('the mutants of %s', (_kind, groups, clauses) => {
  const mutants = Object.values(groups).flat();
  const kills = recordedKills(Object.keys(groups));

  it('have names of their own and a record each', () => {
    expect(Object.keys(kills)).toEqual(mutants.map(({ name }) => name));
  });

  it('are found, each by one clause at least', () => {
    expect(Object.entries(kills).filter(([, ids]) => ids.length === 0)).toEqual([]);
  });

  it('give every clause something to find', () => {
    const teeth = new Set(Object.values(kills).flat());
    expect(clauses.map(({ id }) => id).filter((id) => !teeth.has(id))).toEqual([]);
  });

  it.each(mutants.map((mutant) => [mutant.name, mutant] as const))('%s dies', async (name, { harness }) => {
    // The record of the rest is held to the truth by test/kills, which takes its time.
    const results = [];
    for await (const result of runConformance(harness, { grep: kills[name]?.at(-1) })) results.push(result);
    expect(results.map(({ status }) => status)).toContain('failed');
  });
});

it('are listed in docs/conformance-mutants.md', async () => {
  const file = new URL('../../../../docs/conformance-mutants.md', import.meta.url).pathname;
  await expect(mutantsDocument()).toMatchFileSnapshot(file);
});
