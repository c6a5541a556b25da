import { ALL_TOPICS, type Lease, type OutboxStore, uuidv7 } from '@outrelay/core';
import type { StoreFacetName } from '../manifest.ts';
import { IN_TRANSACTION } from './application.ts';
import { parkRequest } from './parking-lot.ts';
import type { StoreBench } from './store-bench.ts';

/** A verb of the contract, called in a way that does no harm. `lease` is one that the clause holds. */
export interface Verb {
  readonly name: string;
  /** Facet it belongs to; `undefined` for the contract itself. */
  readonly facet?: StoreFacetName;
  call(bench: StoreBench, store: OutboxStore, lease: Lease): unknown;
}

const NO_SETTLEMENTS = { accepted: [], retry: [], dead: [], returned: [] };
const EAR = { wake: (): void => {}, lost: (): void => {}, restored: (): void => {} };

/** Every verb of the contract and of all facets, so that traits such as "closed" are proven of each. */
export const VERBS: readonly Verb[] = [
  {
    name: 'append',
    async call(bench, store) {
      const transaction = await bench.installation.begin();
      try {
        return await store.append(transaction.handle, [bench.make.stored()], IN_TRANSACTION);
      } finally {
        await transaction.rollback();
      }
    },
  },
  {
    name: 'claim',
    call: (bench, store) =>
      store.claim({
        token: bench.random.hex(32),
        relay: 'relay-1',
        leaseMs: bench.leaseMs,
        topics: ALL_TOPICS,
      }),
  },
  {
    name: 'read',
    call: (_bench, store, lease) => store.read(lease, { messages: 1, bytes: 1, topics: ALL_TOPICS }),
  },
  { name: 'settle', call: (_bench, store, lease) => store.settle(lease, NO_SETTLEMENTS) },
  { name: 'renew', call: (bench, store, lease) => store.renew(lease, bench.leaseMs) },
  { name: 'release', call: (_bench, store, lease) => store.release(lease.token) },
  {
    name: 'transactions.run',
    facet: 'transactions',
    call: (_bench, store) => store.transactions?.run(() => null as never),
  },
  {
    name: 'sharing.handOver',
    facet: 'sharing',
    call: (_bench, store, lease) => store.sharing?.handOver(lease),
  },
  {
    name: 'sharing.widen',
    facet: 'sharing',
    call: (bench, store, lease) => store.sharing?.widen(lease, { relay: 'relay-1', leaseMs: bench.leaseMs }),
  },
  { name: 'schema.status', facet: 'schema', call: (_bench, store) => store.schema?.status() },
  { name: 'schema.plan', facet: 'schema', call: (_bench, store) => store.schema?.plan() },
  { name: 'schema.apply', facet: 'schema', call: (_bench, store) => store.schema?.apply() },
  { name: 'wakeups.listen', facet: 'wakeups', call: (_bench, store) => store.wakeups?.listen(EAR) },
  { name: 'inspection.status', facet: 'inspection', call: (_bench, store) => store.inspection?.status() },
  { name: 'inspection.find', facet: 'inspection', call: (_bench, store) => store.inspection?.find(uuidv7()) },
  { name: 'recovery.list', facet: 'recovery', call: (_bench, store) => store.recovery?.list() },
  { name: 'recovery.redrive', facet: 'recovery', call: (_bench, store) => store.recovery?.redrive({}, 10) },
  {
    name: 'recovery.redriveEdited',
    facet: 'recovery',
    call: (_bench, store) => store.recovery?.redriveEdited(uuidv7(), {}),
  },
  { name: 'recovery.discard', facet: 'recovery', call: (_bench, store) => store.recovery?.discard({}, 10) },
  {
    name: 'maintenance.purge',
    facet: 'maintenance',
    call: (_bench, store) => store.maintenance?.purge({ limit: 10 }),
  },
  {
    name: 'inbox.record',
    facet: 'inbox',
    async call(bench, store) {
      const transaction = await bench.installation.begin();
      try {
        return await store.inbox?.record(transaction.handle, { consumer: 'c', messageId: uuidv7() });
      } finally {
        await transaction.rollback();
      }
    },
  },
  {
    name: 'parking.charge',
    facet: 'parking',
    call: (_bench, store) => store.parking?.charge([{ consumer: 'c', messageId: uuidv7() }]),
  },
  {
    name: 'parking.park',
    facet: 'parking',
    call: (bench, store) => store.parking?.park([parkRequest(bench)]),
  },
  {
    name: 'parking.take',
    facet: 'parking',
    call: (_bench, store) => store.parking?.take({ consumer: 'other', limit: 1, holdMs: 1_000 }),
  },
  {
    name: 'parking.forget',
    facet: 'parking',
    call: (_bench, store) => store.parking?.forget([{ consumer: 'c', messageId: uuidv7() }]),
  },
  { name: 'parking.list', facet: 'parking', call: (_bench, store) => store.parking?.list() },
  {
    name: 'parking.redrive',
    facet: 'parking',
    call: (_bench, store) => store.parking?.redrive({ consumer: 'other' }, 10),
  },
  {
    name: 'parking.discard',
    facet: 'parking',
    call: (_bench, store) => store.parking?.discard({ consumer: 'other' }, 10),
  },
  { name: 'diagnosis.examine', facet: 'diagnosis', call: (_bench, store) => store.diagnosis?.examine() },
];

/** The cases of a trait: one for each verb, chosen by the facet it belongs to. */
export function verbCases(trait: string): readonly { name: string; facet?: StoreFacetName }[] {
  return VERBS.map(({ name, facet }) => ({
    name: `${trait}: ${name}`,
    ...(facet === undefined ? {} : { facet }),
  }));
}

/** The verb that a case of {@link verbCases} is about. */
export function verbOf(name: string): Verb {
  const verb = VERBS.find((it) => name.endsWith(`: ${it.name}`));
  if (verb === undefined) throw new TypeError(`no verb belongs to the case "${name}"`);
  return verb;
}
