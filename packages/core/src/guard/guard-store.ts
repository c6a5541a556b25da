import type { StoreLimits } from '../capabilities.ts';
import { OutboxError } from '../errors.ts';
import type { RecoveryFacet } from '../facets.ts';
import type { ClaimedMessage } from '../message.ts';
import { checkEdit } from '../outbox-message.ts';
import { describe } from '../settings.ts';
import type { Mode, OutboxStore, Result, Settlements, SettleReport } from '../store.ts';
import type { TopicFilter } from '../topics.ts';
import { guardDiagnosis } from './guard-diagnosis.ts';
import { closeOnce, contractBroken, guardFacet, type Lifecycle, storeFailure } from './lifecycle.ts';
import { checkLimits } from './limits.ts';

const guarded = new WeakMap<object, OutboxStore>();

/**
 * Puts the lifecycle, the error classes and the checks of the contract around a store, so that the store need not.
 *
 * Every entry point of core calls it; calling it again answers with the same guard. Errors of the caller's own
 * transaction (`append`, `record`) pass through untouched.
 */
export function guardStore<Tx, M extends Mode, Root>(value: unknown): OutboxStore<Tx, M, Root> {
  const store = checkStore(value) as OutboxStore<Tx, M, Root>;
  const known = guarded.get(store);
  if (known !== undefined) return known as OutboxStore<Tx, M, Root>;
  const guard = wrap(store);
  guarded.set(store, guard);
  guarded.set(guard, guard);
  return guard;
}

function wrap<Tx, M extends Mode, Root>(store: OutboxStore<Tx, M, Root>): OutboxStore<Tx, M, Root> {
  const life: Lifecycle = { closing: null };
  const open = (verb: string): void => {
    if (life.closing === null) return;
    throw new OutboxError('STORE_CLOSED', `The store "${store.name}" was closed before ${verb} was called.`);
  };
  const run = async <T>(verb: string, call: () => Promise<T>): Promise<T> => {
    open(verb);
    try {
      return await call();
    } catch (error) {
      throw storeFailure(store.name, verb, error);
    }
  };

  return {
    spec: store.spec,
    name: store.name,
    capabilities: store.capabilities,

    append(tx, messages, options) {
      open('append');
      if (messages.length === 0)
        return emptyAppend(store.capabilities.append) as ReturnType<typeof store.append>;
      return store.append(tx, messages, options);
    },

    async claim(request) {
      const lease = await run('claim', () => store.claim(request));
      if (lease === null) return null;
      if (typeof lease !== 'object') {
        throw contractBroken(store.name, 'claim must answer with a lease or null (S3.4)');
      }
      if (lease.token !== request.token) {
        throw contractBroken(store.name, 'a lease must carry the token of the request (S3.1)');
      }
      return lease;
    },

    async read(lease, request) {
      const messages = await run('read', () => store.read(lease, request));
      if (messages.length > request.messages) {
        throw contractBroken(
          store.name,
          `read yielded ${messages.length} messages, ${request.messages} were asked for (S3.2)`,
        );
      }
      checkTopics(store.name, messages, request.topics);
      return messages;
    },

    async settle(lease, settlements) {
      const report = await run('settle', () => store.settle(lease, settlements));
      checkReport(store.name, settlements, report);
      return report;
    },

    renew: (lease, leaseMs) => run('renew', () => store.renew(lease, leaseMs)),
    release: (token) => run('release', () => store.release(token)),

    close: () => closeOnce(life, () => store.close()),

    transactions: guardFacet(store.transactions, open, null),
    sharing: guardFacet(store.sharing, open, run),
    schema: guardFacet(store.schema, open, run),
    wakeups: guardFacet(store.wakeups, open, run),
    inspection: guardFacet(store.inspection, open, run),
    recovery: guardRecovery(store.capabilities.limits, guardFacet(store.recovery, open, run)),
    maintenance: guardFacet(store.maintenance, open, run),
    inbox: guardFacet(store.inbox, open, null),
    parking: guardFacet(store.parking, open, run),
    log: guardFacet(store.log, open, run),
    diagnosis: guardDiagnosis(store.name, guardFacet(store.diagnosis, open, run)),
    keepsLease: store.keepsLease,
  };
}

/** What an edit makes of a dead letter is a message like any other, and the store trusts its content. */
function guardRecovery(limits: StoreLimits, recovery: RecoveryFacet | undefined): RecoveryFacet | undefined {
  if (recovery === undefined) return undefined;
  return {
    ...recovery,
    async redriveEdited(id, edit) {
      checkEdit(edit, limits);
      return recovery.redriveEdited(id, edit);
    },
  };
}

function emptyAppend(mode: Mode): Result<Mode, { duplicates: readonly string[] }> {
  const report = { duplicates: [] };
  return mode === 'sync' ? report : Promise.resolve(report);
}

/** Another relay may be working on the topics that this one did not ask for, and there may be no route for them here. */
function checkTopics(name: string, messages: readonly ClaimedMessage[], topics: TopicFilter): void {
  if (topics.kind === 'all') return;
  for (const { topic } of messages) {
    if (topics.matches(topic)) continue;
    throw contractBroken(
      name,
      `read yielded the topic ${JSON.stringify(topic)}, which was not asked for (S3.3)`,
    );
  }
}

/** A message must be accounted for exactly once: silence about one is how a stale owner goes unnoticed. */
function checkReport(name: string, settlements: Settlements, report: SettleReport): void {
  const { accepted, retry, dead, returned } = settlements;
  const asked = accepted.length + retry.length + dead.length + returned.length;
  const told = report.settled + report.alreadySettled.length + report.lost.length + report.unknown.length;
  if (asked !== told)
    throw contractBroken(name, `settle was given ${asked} outcomes and reported on ${told} (S4.1)`);
}

function checkStore(value: unknown): OutboxStore {
  const store = value as Partial<OutboxStore> | null | undefined;
  if (typeof store !== 'object' || store === null || typeof store.claim !== 'function') {
    throw new TypeError(`Expected a store such as sqliteStore({ file: 'shop.db' }); got ${describe(value)}.`);
  }
  if (store.spec !== 1) {
    throw new TypeError(
      `The store "${store.name}" implements version ${String(store.spec)} of the contract; this package works with version 1. Upgrade whichever is older.`,
    );
  }
  checkLimits(`The store "${store.name}"`, store.capabilities?.limits);
  return store as OutboxStore;
}
