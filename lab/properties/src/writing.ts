import type { NewMessage } from '@outrelay/core';
import * as fc from 'fast-check';
import { broken, type ModelMessage, type StoreModel } from './model.ts';
import type { Setting } from './setting.ts';
import { type Step, step, type Terms, WAIT_MS } from './step.ts';

/** Transactions that may be open at the same time; each has keys of its own, as if it had locked them. */
const SLOTS = [0, 1] as const;
const TOPICS = ['order.placed', 'mail.sent'] as const;

/** Steps of the application: transactions that append. */
export function writingSteps(terms: Terms): fc.Arbitrary<Step>[] {
  const slots = fc.constantFrom(...(terms.concurrentWriters ? SLOTS : ([0] as const)));
  const append = fc.record({
    slot: slots,
    count: fc.integer({ min: 1, max: 4 }),
    topic: fc.constantFrom(...TOPICS),
    key: fc.constantFrom('a', 'b', null),
    scheduled: fc.integer({ min: 0, max: 9 }).map((draw) => draw === 0),
  });
  return [
    append.map(({ slot, count, topic, key, scheduled }) =>
      step(
        `commit ${count} of ${topic}/${key ?? '-'}${scheduled ? ', scheduled,' : ''} through ${slot}`,
        (model) => !model.open.has(slot) && !anyRead(model, terms),
        async (model, real) => {
          await begin(model, real, slot);
          const added = Array.from({ length: count }, () =>
            newMessage(model, topic, key && key + slot, scheduled),
          );
          await add(model, real, slot, added);
          await commit(model, real, slot);
        },
      ),
    ),
    slots.map((slot) =>
      step(
        `begin ${slot}`,
        (model) => !model.open.has(slot) && !anyRead(model, terms),
        (model, real) => begin(model, real, slot),
      ),
    ),
    append.map(({ slot, count, topic, key, scheduled }) =>
      step(
        `append ${count} of ${topic}/${key ?? '-'}${scheduled ? ', scheduled,' : ''} in ${slot}`,
        (model) => model.open.has(slot),
        async (model, real) => {
          const added = Array.from({ length: count }, () =>
            newMessage(model, topic, key && key + slot, scheduled),
          );
          await add(model, real, slot, added);
        },
      ),
    ),
    slots.map((slot) =>
      step(
        `commit ${slot}`,
        (model) => model.open.has(slot),
        (model, real) => commit(model, real, slot),
      ),
    ),
    slots.map((slot) =>
      step(
        `roll back ${slot}`,
        (model) => model.open.has(slot),
        async (model, real) => {
          await real.transactions.get(slot)?.rollback();
          real.transactions.delete(slot);
          model.open.delete(slot);
        },
      ),
    ),
    slots.map((slot) =>
      step(
        `append in ${slot} behind a savepoint and roll back to it`,
        (model) => terms.savepoints && model.open.has(slot),
        async (model, real) => {
          const rollBack = await real.transactions.get(slot)?.savepoint?.();
          const kept = [...(model.open.get(slot) ?? [])];
          await add(model, real, slot, [newMessage(model, TOPICS[0], `a${slot}`, false)]);
          await rollBack?.();
          model.open.set(slot, kept);
        },
      ),
    ),
  ];
}

async function begin(model: StoreModel, real: Setting, slot: number): Promise<void> {
  real.transactions.set(slot, await real.installation.begin());
  model.open.set(slot, []);
}

async function commit(model: StoreModel, real: Setting, slot: number): Promise<void> {
  await real.transactions.get(slot)?.commit();
  real.transactions.delete(slot);
  for (const message of model.open.get(slot) ?? []) model.restore(message);
  model.open.delete(slot);
}

/** A transaction that keeps relays out must not begin while one of them has work in its hands: nobody could settle it. */
function anyRead(model: StoreModel, terms: Terms): boolean {
  return !terms.concurrentWriters && model.messages.some(({ readBy }) => readBy?.state === 'held');
}

function newMessage(model: StoreModel, topic: string, key: string | null, scheduled: boolean): ModelMessage {
  const id = String(++model.ids);
  return {
    id,
    topic,
    key,
    orderKey: key === null ? `#${id}` : `${topic}/${key}`,
    dueAtMs: scheduled ? model.nowMs + WAIT_MS : 0,
    phase: scheduled ? 'scheduled' : 'fresh',
    attempts: 0,
    disappearances: 0,
    readBy: null,
  };
}

async function add(
  model: StoreModel,
  real: Setting,
  slot: number,
  added: readonly ModelMessage[],
): Promise<void> {
  const now = (await real.installation.now?.())?.getTime() ?? Date.now();
  const messages = added.map(
    ({ id, topic, key, phase }): NewMessage => ({
      id,
      topic,
      key,
      headers: {},
      payload: '{}',
      contentType: 'application/json',
      availableAt: phase === 'scheduled' ? new Date(now + WAIT_MS) : null,
      ordering: 'key',
    }),
  );
  const handle = real.transactions.get(slot)?.handle;
  const { duplicates } = await real.relay(0).append(handle, messages, { autocommit: false });
  if (duplicates.length > 0) throw broken(`${duplicates.join(' ')} were taken for duplicates`);
  model.open.get(slot)?.push(...added);
}
