import { describe, expect, it } from 'vitest';
import { clockFinding, type Finding, fault, good, guardStore, warning } from '../src/index.ts';
import { ScriptedStore } from './support/scripted-store.ts';
import { VirtualClock } from './support/virtual-clock.ts';

describe('the clocks of a process and a database', () => {
  it.each([
    [0, 'good'],
    [2_000, 'good'],
    [-2_000, 'good'],
    [2_001, 'warning'],
    [-2_001, 'warning'],
  ] as const)('that are %i ms apart are %s', (apart, verdict) => {
    const asked = 1_000_000;
    const answered = asked + 300;
    expect(clockFinding(apart < 0 ? asked + apart : answered + apart, asked, answered).verdict).toBe(verdict);
  });

  it('agree when the answer was slow', () => {
    expect(clockFinding(1_030_000, 1_000_000, 1_060_000).verdict).toBe('good');
  });

  it('are told which of them is behind', () => {
    expect(clockFinding(1_010_000, 1_000_000, 1_000_000).seen).toMatch(/this machine is 10\.0 s behind/);
    expect(clockFinding(1_000_000, 1_010_000, 1_010_000).seen).toMatch(/this machine is 10\.0 s ahead of/);
  });
});

describe('a guarded diagnosis', () => {
  const examine = (findings: readonly Finding[]): Promise<readonly Finding[]> => {
    const diagnosis = { examine: async () => findings };
    const store = guardStore(Object.assign(new ScriptedStore(new VirtualClock()), { diagnosis }));
    return store.diagnosis?.examine() as Promise<readonly Finding[]>;
  };
  const complaint = { seen: 'a', expected: 'b', remedy: 'c' };

  it('passes findings on', async () => {
    const findings = [good('one', 'a'), warning('two', complaint), fault('three-3', complaint)];
    await expect(examine(findings)).resolves.toEqual(findings);
  });

  it.each([
    ['names a check twice', [good('one', 'a'), fault('one', complaint)]],
    ['has no remedy', [fault('one', { ...complaint, remedy: '' })]],
    ['does not say what was seen', [good('one', '')]],
    ['has a name that is none', [good('One check', 'a')]],
  ] as const)('refuses a store that %s', async (_, findings) => {
    await expect(examine(findings)).rejects.toMatchObject({ code: 'ADAPTER_CONTRACT' });
  });

  it('refuses a request that it does not know', async () => {
    const diagnosis = { examine: async () => [] };
    const store = guardStore(Object.assign(new ScriptedStore(new VirtualClock()), { diagnosis }));
    await expect(store.diagnosis?.examine({ push: 'yes' } as never)).rejects.toThrow(TypeError);
  });
});
