import { describe, expect, it } from 'vitest';
import { loadMutant } from '../src/engine/load-engine.ts';
import { ENGINE_MUTANTS } from '../src/engine/mutants.ts';
import { runRange } from '../src/simulation/range.ts';

/** Seeds within which the simulation has to find a planted bug. */
const SEEDS = 3_000;
const PATIENCE_MS = 600_000;

describe('a bug that is planted in the engine is found by the simulation', () => {
  it.each(ENGINE_MUTANTS.map((mutant) => [mutant.name, mutant] as const))(
    '%s',
    async (_name, mutant) => {
      const { violations } = await runRange(await loadMutant(mutant), 1, SEEDS, 1);
      expect(violations).toHaveLength(1);
    },
    PATIENCE_MS,
  );
});

it('mutants have names of their own', () => {
  const names = ENGINE_MUTANTS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

it('a mutant of code that is not there any more is refused', async () => {
  const gone = { name: 'gone', bug: '', file: 'relay/lane.js', from: 'no such text', to: '' };
  await expect(loadMutant(gone)).rejects.toThrow('stands 0 times in relay/lane.js');
});
