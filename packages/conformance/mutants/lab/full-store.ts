import {
  type ClaimedMessage,
  good,
  OutboxError,
  type OutboxStore,
  type StoreCapabilities,
  type WakeupListener,
  warning,
} from '@outrelay/core';
import { type MemoryTransaction, capabilities as memoryCapabilities } from '@outrelay/store-memory';
import type { FullLab } from './full-lab.ts';
import { schemaFacet } from './schema.ts';

/** A store of a {@link FullLab}. */
export type FullStore = OutboxStore<MemoryTransaction, 'async', undefined>;

export const fullCapabilities: StoreCapabilities = {
  ...memoryCapabilities,
  durability: 'durable',
  polyglot: 'insert',
};

/** An honest store on a {@link FullLab}: one connection, one schema, and the memory store behind them. */
export function fullStore(lab: FullLab): FullStore {
  const { gates } = lab;
  const present = (): void => {
    if (lab.installed) return;
    throw new OutboxError(
      'STORE_SCHEMA_MISSING',
      'The outbox is not installed: run `outrelay migrate apply`, or `await store.schema.apply()`.',
    );
  };
  const call = <T>(verb: string, work: () => Promise<T>): Promise<T> =>
    gates.pass(verb, async () => {
      present();
      return work();
    });
  const facet = <F extends object>(verbs: F): F =>
    Object.fromEntries(
      Object.entries(verbs).map(([name, verb]: [string, (...args: unknown[]) => Promise<unknown>]) => [
        name,
        (...args: unknown[]) => call(name, () => verb(...args)),
      ]),
    ) as F;
  const subscriptions = new Set<() => Promise<void>>();
  // Facets are looked up at each call, for removing the schema puts a new memory in the place of the old one.
  const late = <F extends object>(pick: () => F): F => facet(delegate(pick));

  return {
    spec: 1,
    name: 'lab',
    capabilities: fullCapabilities,
    async append(tx, messages, options) {
      present();
      const refused = messages.find(({ id }) => lab.refused.has(id));
      if (refused !== undefined) throw new Error(`the row ${refused.id} violates a check`);
      return lab.memory.append(tx, messages, options);
    },
    claim: (request) => call('claim', () => lab.memory.claim(request)),
    read: (lease, request) =>
      call('read', async () =>
        (await lab.memory.read(lease, request)).map((message) => decoded(lab, message)),
      ),
    settle: (lease, settlements) => call('settle', () => lab.memory.settle(lease, settlements)),
    renew: (lease, leaseMs) => call('renew', () => lab.memory.renew(lease, leaseMs)),
    release: (token) => call('release', () => lab.memory.release(token)),
    async close() {
      for (const close of [...subscriptions]) await close();
    },
    transactions: {
      run: (work) =>
        call('run', async () => {
          const transaction = lab.begin();
          try {
            const result = await work(transaction.handle as MemoryTransaction);
            await transaction.commit();
            return result;
          } catch (error) {
            await transaction.rollback();
            throw error;
          }
        }),
    },
    schema: schemaFacet(lab),
    wakeups: {
      listen: (listener) => listen(lab, listener, subscriptions),
    },
    inspection: late(() => lab.memory.inspection as NonNullable<FullStore['inspection']>),
    recovery: late(() => lab.memory.recovery as NonNullable<FullStore['recovery']>),
    maintenance: late(() => lab.memory.maintenance as NonNullable<FullStore['maintenance']>),
    inbox: {
      record: (tx, receipt) => (lab.memory.inbox as NonNullable<FullStore['inbox']>).record(tx, receipt),
    },
    parking: late(() => lab.memory.parking as NonNullable<FullStore['parking']>),
    diagnosis: {
      examine: (request) =>
        gates.pass('examine', async () => [
          good('version', 'the only one there is'),
          ...(request?.push === true
            ? [warning('log', { seen: 'none', expected: 'a log to follow', remedy: 'Let the relay poll.' })]
            : []),
        ]),
    },
  };
}

/** A facet whose verbs ask for the real one when they are called. */
function delegate<F extends object>(pick: () => F): F {
  const names = Object.keys(pick()) as (keyof F)[];
  return Object.fromEntries(
    names.map((name) => [
      name,
      (...args: unknown[]) => (pick()[name] as (...given: unknown[]) => unknown)(...args),
    ]),
  ) as F;
}

function decoded(lab: FullLab, message: ClaimedMessage): ClaimedMessage {
  if (!lab.corrupted.has(message.id)) return message;
  return { ...message, headers: {}, payload: null, undecodable: 'the headers are not JSON' };
}

async function listen(
  lab: FullLab,
  listener: WakeupListener,
  subscriptions: Set<() => Promise<void>>,
): Promise<{ close(): Promise<void> }> {
  const source = await lab.memory.wakeups?.listen(listener);
  const ignoreCuts = lab.gates.onCut(() => {
    listener.lost(new Error('the connection was cut'));
    setImmediate(() => listener.restored());
  });
  const close = async (): Promise<void> => {
    ignoreCuts();
    subscriptions.delete(close);
    await source?.close();
  };
  subscriptions.add(close);
  return { close };
}
