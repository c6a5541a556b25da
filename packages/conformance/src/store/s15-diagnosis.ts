import type { DiagnosisFacet, Finding } from '@outrelay/core';
import { holds, same, sameIds } from '../bench/assertions.ts';
import type { StoreBench } from '../bench/store-bench.ts';
import type { StoreClause } from './store-clause.ts';

const facet = 'diagnosis';

/** Without the guard, which holds findings to their form for the caller's sake. */
function diagnosisOf(bench: StoreBench): DiagnosisFacet {
  const { diagnosis } = bench.raw;
  holds(diagnosis !== undefined, 'the store has lost its diagnosis facet');
  return diagnosis;
}

/** What the two ways to examine found. */
async function examined(bench: StoreBench): Promise<readonly (readonly Finding[])[]> {
  const diagnosis = diagnosisOf(bench);
  return [await diagnosis.examine(), await diagnosis.examine({ push: true })];
}

export const S15_1: StoreClause = {
  id: 'S15.1',
  title: '`examine` changes nothing: what is due stays due, and a lease stays held.',
  facet,
  cases: [{ name: 'before a claim' }, { name: 'while a lease is held' }],
  async run(bench, name) {
    const messages = await bench.appendMany(3, { key: 'k' });
    if (name === 'before a claim') {
      await examined(bench);
      sameIds(await bench.drain(), messages, 'messages after an examination');
      return;
    }
    const { held, messages: read } = await bench.holdAndRead();
    await examined(bench);
    await held.accept(read);
    await held.release();
    await examined(bench);
    sameIds(await bench.drain(), [], 'messages that were settled');
  },
};

export const S15_2: StoreClause = {
  id: 'S15.2',
  title:
    'Every finding has a name of its own and says what was seen; one that is not good says also what is expected and what to do.',
  facet,
  async run(bench) {
    for (const findings of await examined(bench)) {
      const names = findings.map(({ check }) => check);
      same([...new Set(names)], names, 'names of the checks');
      holds(names.length > 0, 'examine found nothing, not even good');
      for (const finding of findings) {
        const { check, verdict, ...texts } = finding;
        holds(/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(check), `"${check}" is no name in lower case with hyphens`);
        const wanted = verdict === 'good' ? ['seen'] : ['expected', 'remedy', 'seen'];
        same(Object.keys(texts).toSorted(), wanted, `what the finding "${check}" says`);
        const isWhole = Object.values(texts).every((text) => typeof text === 'string' && text.trim() !== '');
        holds(isWhole, `the finding "${check}" leaves something empty`);
      }
    }
  },
};

export const S15_3: StoreClause = {
  id: 'S15.3',
  title: '`examine` answers also where the schema is not installed, and installs nothing.',
  facet,
  schema: 'absent',
  cases: [{ name: 'absent', facet: 'schema' }],
  async run(bench) {
    for (const findings of await examined(bench)) holds(findings.length > 0, 'examine found nothing');
    const status = await bench.store.schema?.status();
    same(status?.installed, 0, 'version installed after an examination');
  },
};
