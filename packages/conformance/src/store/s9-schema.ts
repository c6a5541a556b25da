import type { SchemaFacet } from '@outrelay/core';
import { holds, refuses, same, sameIds } from '../bench/assertions.ts';
import type { StoreBench } from '../bench/store-bench.ts';
import type { StoreClause } from './store-clause.ts';

const facet = 'schema';
const schema = 'absent';
const PROCESSES = 4;

function schemaOf(bench: StoreBench): SchemaFacet {
  const facetOf = bench.store.schema;
  holds(facetOf !== undefined, 'the store has lost its schema facet');
  return facetOf;
}

/** Holds that the installed schema is the latest, healthy and usable. */
async function isInstalled(bench: StoreBench): Promise<void> {
  const { installed, latest, compatible, drift } = await schemaOf(bench).status();
  same({ installed, compatible, drift }, { installed: latest, compatible: true, drift: [] }, 'status');
  const messages = await bench.appendMany(3, { key: 'k' });
  sameIds(await bench.drain(), messages, 'messages on the installed schema');
}

export const S9_1: StoreClause = {
  id: 'S9.1',
  title: '`apply` on an empty database installs the latest version; applied again it does nothing.',
  facet,
  schema,
  async run(bench) {
    const before = await schemaOf(bench).status();
    same(before.installed, 0, 'version installed in an empty database');
    holds(before.latest > 0, `the latest version is ${before.latest}`);
    const steps = await schemaOf(bench).apply();
    same(steps.at(-1)?.version, before.latest, 'version of the last step');
    await isInstalled(bench);
    same(await schemaOf(bench).apply(), [], 'steps of a second apply');
    await isInstalled(bench);
  },
};

export const S9_2: StoreClause = {
  id: 'S9.2',
  title: 'Several processes that apply at once all succeed, and the schema is installed once.',
  facet,
  schema,
  cases: [{ name: 'several stores' }, { name: 'several processes', needs: ['applyInProcesses'] }],
  async run(bench, name) {
    const { latest } = await schemaOf(bench).status();
    if (name === 'several processes') {
      await bench.power('applyInProcesses')(bench.installation, PROCESSES);
      same(await schemaOf(bench).apply(), [], 'steps left after the processes');
    } else {
      const stores = await Promise.all(Array.from({ length: PROCESSES }, () => bench.connect()));
      const taken = await Promise.all(stores.map(async (store) => (await store.schema?.apply()) ?? []));
      const versions = taken.flat().map(({ version }) => version);
      const expected = Array.from({ length: latest }, (_, at) => at + 1);
      same(new Set(versions).size, versions.length, `steps taken, each once (${versions.join(', ')})`);
      holds(versions.length <= expected.length, `${versions.length} steps were taken to version ${latest}`);
    }
    await isInstalled(bench);
  },
};

export const S9_3: StoreClause = {
  id: 'S9.3',
  title: '`plan` names the steps that `apply` then takes, and changes nothing.',
  facet,
  schema,
  async run(bench) {
    const planned = await schemaOf(bench).plan();
    holds(planned.length > 0, 'the plan for an empty database is empty');
    for (const { name, statements } of planned) {
      holds(name !== '', 'a step has no name');
      holds(statements.length > 0, `the step "${name}" says nothing of what it sends`);
    }
    same((await schemaOf(bench).status()).installed, 0, 'version installed after planning');
    same(await schemaOf(bench).apply(), planned, 'steps taken');
    same(await schemaOf(bench).plan(), [], 'plan of an installed schema');
  },
};

export const S9_4: StoreClause = {
  id: 'S9.4',
  title: '`remove` leaves nothing behind, and `apply` works after it.',
  facet,
  schema,
  cases: [
    { name: 'again' },
    { name: 'on an empty database' },
    { name: 'nothing is left', needs: ['leftovers'] },
  ],
  async run(bench, name) {
    if (name === 'on an empty database') {
      await schemaOf(bench).remove();
      same((await schemaOf(bench).status()).installed, 0, 'version after removing nothing');
    }
    for (let round = 0; round < 2; round++) {
      await schemaOf(bench).apply();
      await isInstalled(bench);
      await bench.appendMany(3, { key: 'k' });
      await schemaOf(bench).remove();
      same((await schemaOf(bench).status()).installed, 0, 'version after the removal');
      if (name !== 'nothing is left') continue;
      const left = await bench.power('leftovers')(bench.installation);
      same(left, [], 'what the removal left in the database');
    }
    await schemaOf(bench).apply();
    await isInstalled(bench);
  },
};

export const S9_5: StoreClause = {
  id: 'S9.5',
  title: 'Applying on an installed schema keeps all messages.',
  facet,
  cases: [{ name: 'idle' }, { name: 'with messages on their way' }],
  async run(bench, name) {
    const appended = await bench.appendMany(5);
    if (name === 'idle') {
      await schemaOf(bench).apply();
      sameIds(await bench.drain(), appended, 'messages after applying again');
      return;
    }
    const { held, messages } = await bench.holdAndRead();
    await held.retry(messages.slice(0, 1), 0);
    await schemaOf(bench).apply();
    same((await held.accept(messages.slice(1))).settled, 4, 'messages settled after applying again');
    await held.release();
    sameIds(await bench.drain(), messages.slice(0, 1), 'messages left');
  },
};

export const S9_6: StoreClause = {
  id: 'S9.6',
  title: '`status` reports what was changed by hand as drift.',
  facet,
  needs: ['changeSchema'],
  async run(bench) {
    same((await schemaOf(bench).status()).drift, [], 'drift of an untouched schema');
    await bench.power('changeSchema')(bench.installation);
    const { drift } = await schemaOf(bench).status();
    holds(drift.length > 0, 'the schema was changed by hand and no drift is reported');
  },
};

export const S9_7: StoreClause = {
  id: 'S9.7',
  title: 'A verb on a missing schema fails with `STORE_SCHEMA_MISSING`, which names the command to run.',
  facet,
  schema,
  cases: [
    { name: 'claim' },
    { name: 'append' },
    { name: 'status', facet: 'inspection' },
    { name: 'list', facet: 'recovery' },
  ],
  async run(bench, name) {
    const verb = async (): Promise<unknown> => {
      if (name === 'claim') return bench.claim();
      if (name === 'status') return bench.store.inspection?.status();
      if (name === 'list') return bench.store.recovery?.list();
      const transaction = await bench.begin();
      return transaction.append(bench.make.stored());
    };
    const error = await refuses(verb, ['STORE_SCHEMA_MISSING'], `${name} without a schema`);
    holds(/migrate|schema\.apply/.test(error.message), `the error names no command to run: ${error.message}`);
    same(error.retryable, false, 'retryable of a missing schema');
  },
};
