import { type StoreHarness, type StoreInstallation, shiftDate } from '@outrelay/conformance';
import { FullLab, RETENTION } from './full-lab.ts';
import { type FullStore, fullCapabilities, fullStore } from './full-store.ts';

/** Makes the store of each connection out of the honest one. */
export type MutateFull = (lab: FullLab) => (store: FullStore) => FullStore;

interface FullInstallation extends StoreInstallation {
  readonly lab: FullLab;
}

/** The harness of the model database; `mutate` breaks the stores on it. */
export function fullHarness(mutate: MutateFull = () => (store) => store): StoreHarness<FullInstallation> {
  return {
    kind: 'store',
    name: 'lab, everything',
    capabilities: fullCapabilities,
    facets: [
      'transactions',
      'schema',
      'wakeups',
      'inspection',
      'recovery',
      'maintenance',
      'inbox',
      'parking',
      'diagnosis',
    ],
    manyRows: 300,
    waits: { patienceMs: 50, quietMs: 5, clauseMs: 1_000 },
    async open({ schema }) {
      return install(new FullLab(schema === 'installed'), mutate);
    },
    powers: {
      concurrentWriters: true,
      retention: RETENTION,
      insertRaw: ({ lab }, row) => lab.insertRaw(row),
      corruptRow: async ({ lab }, id) => void lab.corrupted.add(id),
      refuseRow: async ({ lab }, id) => void lab.refused.add(id),
      lockKey: (transaction, name) => labOf(transaction).lock(transaction, name),
      killConnections: async ({ lab }) => lab.gates.cut(),
      async outage({ lab }) {
        lab.gates.down = true;
        return async () => {
          lab.gates.down = false;
        };
      },
      pauseAt: async ({ lab }, verb) => lab.gates.pause(verb),
      wrongClock: (_installation, offsetMs) => shiftDate(offsetMs),
      async secondInstallation({ lab }) {
        lab.second = new FullLab(true, lab);
        return install(lab.second, mutate);
      },
      async appendAndDie({ lab }, message) {
        const rest = {
          key: null,
          headers: {},
          payload: null,
          contentType: 'a/b',
          availableAt: null,
        } as const;
        await lab.memory.append(undefined, [{ ...rest, ...message, ordering: 'key' }], { autocommit: true });
      },
      async applyInProcesses({ lab }, count) {
        const stores = Array.from({ length: count }, () => mutate(lab)(fullStore(lab)));
        await Promise.all(stores.map(async ({ schema }) => schema?.apply()));
      },
      changeSchema: async ({ lab }) => void lab.drift.push('the table messages has a column more'),
      leftovers: async ({ lab }) => [...(lab.installed ? ['messages'] : []), ...lab.remains],
    },
  };
}

const labs = new WeakMap<object, FullLab>();

function labOf(transaction: object): FullLab {
  const lab = labs.get(transaction);
  if (lab === undefined) throw new TypeError('the transaction was not begun by this harness');
  return lab;
}

function install(lab: FullLab, mutate: MutateFull): FullInstallation {
  const change = mutate(lab);
  return {
    lab,
    connect: () => change(fullStore(lab)),
    async begin() {
      const transaction = lab.begin();
      labs.set(transaction, lab);
      return transaction;
    },
    rootHandle: () => undefined,
    elapse: async (ms) => lab.clock.elapse(ms),
    now: async () => new Date(lab.clock.now()),
    async remove() {
      for (const end of lab.leftRunning) end();
      await lab.memory.close();
    },
  };
}
