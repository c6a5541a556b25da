import { describe, expect, it } from 'vitest';
import { conditionText } from '../src/clause.ts';
import { SOURCE_CLAUSES, STORE_CLAUSES, TRANSPORT_CLAUSES } from '../src/clauses.ts';
import { readClauses } from './specification.ts';

describe.each([
  ['store', STORE_CLAUSES],
  ['transport', TRANSPORT_CLAUSES],
  ['source', SOURCE_CLAUSES],
] as const)('the clauses of spec/%s.md', (name, clauses) => {
  const specified = readClauses(name);

  it('are read as they are written', () => {
    expect(specified.length).toBeGreaterThan(20);
    for (const clause of specified) {
      expect(clause.id).toMatch(/^[STC]\d+\.\d+$/);
      expect(clause.sentence, clause.id).toMatch(/\.$/);
    }
  });

  it('are proven, each once, and nothing else is', () => {
    expect(clauses.map(({ id }) => id)).toEqual(specified.map(({ id }) => id));
  });

  it('say the same in the specification and in the code', () => {
    const coded = clauses.map(({ id, title }) => ({ id, sentence: title }));
    expect(coded).toEqual(specified.map(({ id, sentence }) => ({ id, sentence })));
  });

  it('bind under the same condition', () => {
    const coded = clauses.map((clause) => `${clause.id} ${conditionText(clause)}`);
    expect(coded).toEqual(specified.map(({ id, condition }) => `${id} ${condition}`));
  });

  it('have cases with different names', () => {
    for (const { id, cases = [] } of clauses) {
      const names = cases.map((one) => one.name);
      expect(new Set(names).size, id).toBe(names.length);
    }
  });
});
