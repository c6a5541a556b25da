import {
  ALL_TOPICS,
  type InspectionFacet,
  type MaintenanceFacet,
  type OutboxStatus,
  type SchemaFacet,
  type TopicStatus,
} from '@outrelay/core';
import type { FullLab } from '../lab/full-lab.ts';
import type { FullStore } from '../lab/full-store.ts';
import { turn } from '../lab/gates.ts';
import { full, type StoreMutant } from './store-mutant.ts';

/** Changes the status that is reported. */
function reporting(change: (status: OutboxStatus) => OutboxStatus): (store: FullStore) => FullStore {
  return (store) => {
    const inspection = store.inspection as InspectionFacet;
    return {
      ...store,
      inspection: { ...inspection, status: async (request) => change(await inspection.status(request)) },
    };
  };
}

function reportingEach(change: (topic: TopicStatus) => TopicStatus): (store: FullStore) => FullStore {
  return reporting(({ topics, holders }) => ({ topics: topics.map(change), holders }));
}

/** Changes the purge. */
function purging(
  change: (maintenance: MaintenanceFacet, lab: FullLab, store: FullStore) => MaintenanceFacet['purge'],
) {
  return (lab: FullLab) =>
    (store: FullStore): FullStore => ({
      ...store,
      maintenance: { purge: change(store.maintenance as MaintenanceFacet, lab, store) },
    });
}

/** Changes the schema facet. */
function installing(change: (schema: SchemaFacet, lab: FullLab) => Partial<SchemaFacet>) {
  return (lab: FullLab) =>
    (store: FullStore): FullStore => {
      const schema = store.schema as SchemaFacet;
      return { ...store, schema: { ...schema, ...change(schema, lab) } };
    };
}

export const ADMINISTRATION_MUTANTS: readonly StoreMutant[] = [
  full('waiting-counts-as-pending', 'Messages that wait are counted as pending.', () =>
    reportingEach(({ pending, waiting, ...rest }) => ({
      ...rest,
      pending: { value: pending.value + waiting.value, exact: true },
      waiting: { value: 0, exact: true },
    })),
  ),

  full('limited-count-called-exact', 'Counting stops at the limit and says it did not.', () => (store) => {
    const inspection = store.inspection as InspectionFacet;
    return {
      ...store,
      inspection: {
        ...inspection,
        async status(request) {
          const { topics, holders } = await inspection.status(request);
          const limit = request?.countLimit ?? 10_000;
          const cut = (count: { value: number }): { value: number; exact: boolean } => ({
            value: Math.min(limit, count.value),
            exact: true,
          });
          const cutTopic = (it: TopicStatus): TopicStatus => ({
            ...it,
            pending: cut(it.pending),
            waiting: cut(it.waiting),
            dead: cut(it.dead),
          });
          return { topics: topics.map(cutTopic), holders };
        },
      },
    };
  }),

  full('lag-of-what-is-due', 'Messages that wait for a retry do not count for the lag.', () =>
    reportingEach((topic) => ({ ...topic, lagMs: topic.pending.value === 0 ? null : topic.lagMs })),
  ),

  full('lag-from-the-wrong-column', 'Lag is never null, but the age of whatever was appended first.', () =>
    reportingEach((topic) => ({ ...topic, lagMs: topic.lagMs ?? 0 })),
  ),

  full('holders-stay', 'Relays that gave their lease back are listed as its holders.', () => {
    const known = new Map<string, OutboxStatus['holders'][number]>();
    return reporting(({ topics, holders }) => {
      for (const holder of holders) known.set(holder.relay, holder);
      return { topics, holders: [...known.values()] };
    });
  }),

  full('sent-not-found', 'Only what is still there is found.', () => (store) => {
    const inspection = store.inspection as InspectionFacet;
    const find: InspectionFacet['find'] = async (id) =>
      (await inspection.find(id)).filter(({ state }) => state !== 'sent');
    return { ...store, inspection: { ...inspection, find } };
  }),

  full(
    'purge-takes-old-retries',
    'A purge goes by the age of a row, whatever became of it.',
    purging((maintenance, lab) => async (request) => {
      const terms = { token: 'purge', relay: 'purge', leaseMs: 1_000, topics: ALL_TOPICS };
      const lease = await lab.memory.claim(terms);
      if (lease !== null) {
        const read = await lab.memory.read(lease, { messages: 1_000, bytes: 1e9, topics: ALL_TOPICS });
        const old = read.filter(({ attempt }) => attempt > 1);
        const returned = read.filter(({ attempt }) => attempt === 1);
        await lab.memory.settle(lease, { accepted: old, retry: [], dead: [], returned });
        await lab.memory.release(terms.token);
      }
      return maintenance.purge(request);
    }),
  ),

  full(
    'purge-everything',
    'A purge removes dead letters too.',
    purging((maintenance, lab) => async (request) => {
      await lab.memory.recovery?.discard({}, request.limit);
      return maintenance.purge(request);
    }),
  ),

  full(
    'purge-nothing',
    'A purge finds nothing to remove.',
    purging(() => async () => ({ removed: 0, more: false })),
  ),

  full(
    'purge-without-limit',
    'A purge removes all there is in one go.',
    purging((maintenance) => () => maintenance.purge({ limit: 1_000_000 })),
  ),

  full(
    'purge-knows-no-more',
    'A purge that reached its limit says that it is done.',
    purging((maintenance) => async (request) => ({ ...(await maintenance.purge(request)), more: false })),
  ),

  full('purges-collide', 'Two purges at the same time deadlock.', () => {
    let underWay = 0;
    return (store) => ({
      ...store,
      maintenance: {
        async purge(request) {
          underWay++;
          try {
            if (underWay > 1) throw new Error('deadlock detected');
            return await (store.maintenance as MaintenanceFacet).purge(request);
          } finally {
            underWay--;
          }
        },
      },
    });
  }),

  full(
    'apply-twice-fails',
    'Applying the schema again fails on the first table.',
    installing((schema, lab) => ({
      async apply() {
        if (lab.installed) throw new Error('table outbox_messages already exists');
        return schema.apply();
      },
    })),
  ),

  full(
    'apply-drops-messages',
    'Applying the schema makes the tables anew.',
    installing((schema, lab) => ({
      async apply() {
        if (lab.installed) {
          lab.clear();
          lab.installed = true;
          return [];
        }
        return schema.apply();
      },
    })),
  ),

  full(
    'apply-races',
    'Every process takes the steps it saw missing when it began.',
    installing((schema) => ({
      async apply() {
        const steps = await schema.plan();
        await turn();
        await schema.apply();
        return steps;
      },
    })),
  ),

  full(
    'plan-applies',
    'Planning takes the steps.',
    installing((schema) => ({ plan: () => schema.apply() })),
  ),

  full(
    'remove-leaves-a-table',
    'Removing the schema forgets what a later version added.',
    installing((schema, lab) => ({
      async remove() {
        await schema.remove();
        lab.remains.push('outbox_history');
      },
    })),
  ),

  full(
    'drift-unseen',
    'What was changed by hand is not reported.',
    installing((schema) => ({ status: async () => ({ ...(await schema.status()), drift: [] }) })),
  ),

  full(
    'missing-schema-is-empty',
    'A claim without schema answers that there is nothing to do.',
    (lab) => (store) => ({
      ...store,
      claim: async (request) => (lab.installed ? store.claim(request) : null),
    }),
  ),
];
