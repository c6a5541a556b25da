import { randomBytes } from 'node:crypto';
import { ALL_TOPICS } from '@outrelay/core';
import * as fc from 'fast-check';
import { broken, type ModelLease, type StoreModel } from './model.ts';
import type { RealLease, Setting } from './setting.ts';
import { LEASE_MS, type Step, step, type Terms } from './step.ts';

/** Chooses one of several leases: the number is taken modulo how many there are. */
const choice = fc.nat({ max: 7 });

/** Steps of relays: claim, read, renew, release. A relay that does no more until time passes has disappeared. */
export function relayingSteps(terms: Terms): fc.Arbitrary<Step>[] {
  const free = (model: StoreModel): boolean => model.canRelay(terms.concurrentWriters);
  return [
    fc
      .record({ relay: fc.constantFrom(0, 1), limit: fc.integer({ min: 1, max: 6 }) })
      .map(({ relay, limit }) =>
        step(`relay ${relay} claims and reads ${limit}`, free, async (model, real) => {
          const lease = await claim(model, real, relay);
          if (lease !== null) await read(model, real, lease, limit);
        }),
      ),
    fc
      .constantFrom(0, 1)
      .map((relay) =>
        step(`relay ${relay} claims`, free, async (model, real) => void (await claim(model, real, relay))),
      ),
    fc.record({ which: choice, limit: fc.integer({ min: 1, max: 6 }) }).map(({ which, limit }) =>
      step(
        `read ${limit} under lease ${which}`,
        (model) => free(model) && readable(model).length > 0,
        (model, real) => read(model, real, pick(readable(model), which), limit),
      ),
    ),
    choice.map((which) =>
      step(
        `renew lease ${which}`,
        (model) => free(model) && model.leases.length > 0,
        (model, real) => renew(model, real, pick(model.leases, which)),
      ),
    ),
    choice.map((which) =>
      step(
        `release lease ${which}`,
        (model) => free(model) && model.leases.length > 0,
        (model, real) => release(model, real, pick(model.leases, which)),
      ),
    ),
  ];
}

/** Held leases under which everything that was read is settled: a relay reads again only then. */
function readable(model: StoreModel): ModelLease[] {
  return model.leases.filter((lease) => lease.state === 'held' && model.readOf(lease).length === 0);
}

export function pick<T>(items: readonly T[], which: number): T {
  return items[which % items.length] as T;
}

export function realOf(real: Setting, { token }: ModelLease): RealLease {
  return real.leases.get(token) as RealLease;
}

async function claim(model: StoreModel, real: Setting, relay: number): Promise<ModelLease | null> {
  const token = randomBytes(16).toString('hex');
  const store = real.relay(relay);
  const lease = await store.claim({ token, relay: `relay ${relay}`, leaseMs: LEASE_MS, topics: ALL_TOPICS });
  const held = model.leases.some(({ state }) => state === 'held');
  const due = model.due();
  if (lease === null) {
    if (due.length > 0 && !held) throw broken(`nothing could be claimed, and ${due[0]?.id} is due`);
    return null;
  }
  if (lease.token !== token) throw broken('the lease carries another token');
  // What waits behind an earlier message of its key looks due until it was read past: a store may notice only then.
  const seemsDue = model.messages.some(({ phase, dueAtMs }) => phase !== 'blocked' && dueAtMs <= model.nowMs);
  if (due.length === 0 && !seemsDue) throw broken('a lease was granted, and nothing is due');
  if (held && model.capabilities.leaseScope === 'store') throw broken('a second lease was granted');
  real.leases.set(token, { store, lease, messages: new Map(), settled: null });
  return model.granted(token, LEASE_MS);
}

async function read(model: StoreModel, real: Setting, lease: ModelLease, limit: number): Promise<void> {
  const held = realOf(real, lease);
  const messages = await held.store.read(held.lease, {
    messages: limit,
    bytes: 1_000_000,
    topics: ALL_TOPICS,
  });
  if (messages.length > limit) throw broken(`${messages.length} messages were yielded, ${limit} asked for`);
  const alone = model.leases.filter(({ state }) => state === 'held').length === 1;
  const covers = !lease.read || model.capabilities.leaseScope === 'store';
  if (messages.length === 0 && alone && covers && model.due().length > 0)
    throw broken(`nothing was yielded, and ${model.due()[0]?.id} is due`);
  model.yielded(lease, messages);
  for (const message of messages) held.messages.set(message.id, message);
}

async function renew(model: StoreModel, real: Setting, lease: ModelLease): Promise<void> {
  const held = realOf(real, lease);
  const report = await held.store.renew(held.lease, LEASE_MS);
  if (lease.state === 'held' && report === null) throw broken('a held lease was not renewed');
  if (lease.state === 'released' && report !== null) throw broken('a released lease was renewed');
  if (report === null) return;
  // Renewed after its end, which is allowed while nobody has taken over any part of it.
  held.lease = report.lease;
  lease.state = 'held';
  lease.contested = false;
  lease.endsAtMs = model.nowMs + LEASE_MS;
}

async function release(model: StoreModel, real: Setting, lease: ModelLease): Promise<void> {
  const held = realOf(real, lease);
  await held.store.release(lease.token);
  if (lease.state !== 'released') {
    for (const message of model.readOf(lease)) {
      // What somebody may have taken over before is not free for the asking; what is under suspicion was charged before
      // it was handed out.
      if (lease.contested || message.disappearances > 0) message.disappearances++;
      message.readBy = null;
    }
    held.messages.clear();
  }
  lease.state = 'released';
}
