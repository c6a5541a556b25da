import { describe, expect, it } from 'vitest';
import { mutantsDocument } from '../report/document.ts';
import { SOURCE_GROUPS, STORE_GROUPS, TRANSPORT_GROUPS } from '../report/groups.ts';
import { recordedKills } from '../report/kills.ts';

describe.each([
  ['stores', STORE_GROUPS],
  ['transports', TRANSPORT_GROUPS],
  ['sources', SOURCE_GROUPS],
] as const)('the mutants of %s', (_kind, groups) => {
  const recorded = recordedKills(Object.keys(groups));

  it('have names of their own and a record each', () => {
    expect(Object.keys(recorded)).toEqual(
      Object.values(groups)
        .flat()
        .map(({ name }) => name),
    );
  });

  it('are found, each by one clause at least', () => {
    expect(Object.entries(recorded).filter(([, ids]) => ids.length === 0)).toEqual([]);
  });
});

it('are listed in docs/conformance-mutants.md', async () => {
  const file = new URL('../../../../docs/conformance-mutants.md', import.meta.url).pathname;
  await expect(mutantsDocument()).toMatchFileSnapshot(file);
});
