import { describe, expect, it } from 'vitest';
import { OutboxError } from '../../src/errors.ts';
import type { RelayEvent } from '../../src/events.ts';
import { Batch } from '../../src/relay/batch.ts';
import { Breaker, readBreaker } from '../../src/relay/breaker.ts';
import type { Task } from '../../src/relay/breaker-board.ts';
import { LeaseKeeper } from '../../src/relay/lease-keeper.ts';
import { ALL_TOPICS } from '../../src/topics.ts';
import { ACCEPTED } from '../../src/transport.ts';
import { type ContextRig, contextRig } from '../support/context.ts';
import { many, newMessage } from '../support/messages.ts';

const LEASE_MS = 10_000;
const normal: Task = { topics: ALL_TOPICS, trial: null };
const conflict = new OutboxError('STORE_CONFLICT', 'deadlock');
const broken = new OutboxError('STORE_FAILED', 'disk full');

/** A batch of what the store holds, read under a fresh lease. */
async function batchOf(
  rig: ContextRig,
  task: Task = normal,
): Promise<{ readonly batch: Batch; readonly keeper: LeaseKeeper }> {
  const { clock, context } = rig;
  const requestedAtMs = clock.monotonicMs();
  const request = { token: context.token(), relay: 'r', leaseMs: LEASE_MS, topics: ALL_TOPICS };
  const lease = await clock.outcome(context.store.claim(request));
  if (lease === null) throw new Error('there are messages to claim');
  const observer = { renewFailed: (): void => {} };
  const keeper = new LeaseKeeper(context.store, clock, observer, lease, LEASE_MS, requestedAtMs);
  const limits = { messages: 100, bytes: 1_000_000, topics: ALL_TOPICS };
  const messages = await clock.outcome(context.store.read(lease, limits));
  return { batch: new Batch(context, 0, keeper, task, messages), keeper };
}

const types = (events: readonly RelayEvent[]): string[] => events.map(({ type }) => type);

describe('Batch', () => {
  it('publishes, then settles, then tells (R1.2)', async () => {
    const rig = contextRig();
    rig.store.commit(...many(3));
    const { batch } = await batchOf(rig);
    await expect(rig.clock.outcome(batch.deliver())).resolves.toBe('settled');
    expect(rig.store.model.ids('accepted')).toEqual(rig.transport.storedIds);
    expect(rig.events).toMatchObject([{ type: 'batch-settled', publishMs: 1, settleMs: 1 }]);
  });

  it('settles each message by its own result (R1.5)', async () => {
    const rig = contextRig();
    rig.store.commit(newMessage({ id: 'fine' }), newMessage({ id: 'busy' }), newMessage({ id: 'bad' }));
    rig.transport.outcome = ({ id }) => {
      if (id === 'fine') return ACCEPTED;
      return { status: id === 'busy' ? 'failed' : 'rejected', error: new Error(id) };
    };
    const { batch } = await batchOf(rig);
    await expect(rig.clock.outcome(batch.deliver())).resolves.toBe('settled');
    expect(rig.store.model.recorded.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual([
      'fine accepted',
      'busy retry',
      'bad dead',
    ]);
  });

  it('says when not one message was tried', async () => {
    const rig = contextRig();
    rig.store.commit(...many(2));
    rig.transport.reachable = false;
    const { batch } = await batchOf(rig);
    await expect(rig.clock.outcome(batch.deliver())).resolves.toBe('returned');
    expect(rig.store.model.ids('returned')).toHaveLength(2);
    expect(rig.context.board.troubled).toBe(true);
  });

  it('does not call a transport for what is dead already (R3.5)', async () => {
    const rig = contextRig();
    rig.store.commit(newMessage({ id: 'poison' }));
    const row = rig.store.model.rows.get('poison');
    if (row !== undefined) row.attempts = 20;
    const { batch } = await batchOf(rig);
    await expect(rig.clock.outcome(batch.deliver())).resolves.toBe('settled');
    expect(rig.transport.calls).toEqual([]);
    expect(rig.store.model.recorded).toMatchObject([{ outcome: 'dead', reason: 'attempts-exhausted' }]);
  });
});

describe('the settlement of a batch', () => {
  it('is repeated until the store answers (R1.3), with one event per message (R1.6)', async () => {
    const rig = contextRig();
    rig.store.commit(...many(2));
    rig.store.script.next('settle', { fail: conflict }, { loseReply: conflict }, { fail: conflict });
    const { batch } = await batchOf(rig);
    await expect(rig.clock.outcome(batch.deliver())).resolves.toBe('settled');
    expect(rig.store.script.calls('settle')).toBe(4);
    expect(rig.store.model.ids('accepted')).toHaveLength(2);
    expect(types(rig.events)).toEqual(['store-failed', 'store-failed', 'store-failed', 'batch-settled']);
    expect(rig.events.at(-1)).toMatchObject({ accepted: [{}, {}] });
    expect(rig.transport.calls).toHaveLength(1);
  });

  it('waits longer and longer between attempts, however many there are', async () => {
    const rig = contextRig();
    rig.store.commit(...many(2));
    rig.store.script.next('settle', ...Array.from({ length: 50 }, () => ({ fail: conflict })));
    const { batch } = await batchOf(rig);
    await expect(rig.clock.outcome(batch.deliver())).resolves.toBe('settled');
    const waits = rig.events.flatMap((event) => (event.type === 'store-failed' ? [event.delayMs] : []));
    expect(waits.slice(0, 3)).toEqual([45, 90, 180]);
    expect(waits.at(-1)).toBe(1_800);
  });

  it('is given up after three refusals that waiting does not cure', async () => {
    const rig = contextRig();
    rig.store.commit(...many(2));
    rig.store.script.always('settle', { fail: broken });
    const { batch } = await batchOf(rig);
    await expect(rig.clock.outcome(batch.deliver())).resolves.toBe('refused');
    expect(rig.store.script.calls('settle')).toBe(3);
    expect(batch.refusal).toBe(broken);
    expect(rig.context.control.unsettled).toBe(0);
  });

  it('is refused when another relay has taken over: reported, and the lease is not used again (R5.3)', async () => {
    const rig = contextRig();
    rig.store.commit(...many(2));
    const { batch, keeper } = await batchOf(rig);
    rig.store.model.takeAway();
    await expect(rig.clock.outcome(batch.deliver())).resolves.toBe('lost');
    expect([batch.lost, keeper.lost, keeper.usable]).toEqual([2, true, false]);
    expect(rig.store.model.recorded).toEqual([]);
    expect(rig.events).toMatchObject([{ type: 'batch-settled', accepted: [] }]);
  });

  it('hands on that others wait', async () => {
    const rig = contextRig();
    rig.store.commit(...many(2));
    rig.store.model.wanted = true;
    const { batch } = await batchOf(rig);
    await rig.clock.outcome(batch.deliver());
    expect(batch.wanted).toBe(true);
  });
});

describe('a batch that is cut short', () => {
  it('by the end of its lease sends nothing more, charges nothing and blames nobody', async () => {
    const rig = contextRig({ transport: { limits: { maxMessages: 1 }, takesMs: 4_000 } });
    rig.store.commit(...many(5));
    rig.store.script.always('renew', { fail: conflict });
    const { batch } = await batchOf(rig);
    await rig.clock.outcome(batch.deliver());
    expect(rig.transport.stored).toHaveLength(2);
    expect(rig.transport.calls).toHaveLength(3);
    expect(rig.transport.calls.at(-1)?.atMs).toBeLessThan(LEASE_MS);
    const { model } = rig.store;
    expect([model.ids('accepted').length, model.ids('retry').length, model.ids('returned').length]).toEqual([
      2, 0, 3,
    ]);
    expect(rig.context.board.troubled).toBe(false);
  });

  it('is not even sent when the lease has lapsed while the process was stuck (R5.1)', async () => {
    const rig = contextRig();
    rig.store.commit(...many(2));
    const { batch } = await batchOf(rig);
    rig.clock.stall(LEASE_MS);
    await rig.clock.outcome(batch.deliver());
    expect(rig.transport.calls).toEqual([]);
  });

  it('sends nothing more after a stall between two calls (R5.1)', async () => {
    const rig = contextRig({ transport: { limits: { maxMessages: 1 } } });
    rig.store.commit(...many(3));
    rig.transport.script.next('publish', { meanwhile: () => rig.clock.stall(LEASE_MS) });
    const { batch } = await batchOf(rig);
    await rig.clock.outcome(batch.deliver());
    expect(rig.transport.calls).toHaveLength(1);
  });

  it('by the time limit of publishing charges what was on its way', async () => {
    const rig = contextRig({ relay: { publishTimeoutMs: 500 } });
    rig.store.commit(...many(2));
    rig.transport.script.always('publish', { hang: 'before' });
    const { batch } = await batchOf(rig);
    await rig.clock.outcome(batch.deliver());
    expect(rig.store.model.ids('retry')).toHaveLength(2);
    expect(batch.publishMs).toBe(500);
  });

  it('does not come when calls are answered in time, however many there are (R3.6)', async () => {
    const rig = contextRig({
      relay: { publishTimeoutMs: 500 },
      transport: { takesMs: 400, limits: { maxMessages: 1 } },
    });
    rig.store.commit(...many(4));
    const { batch } = await batchOf(rig);
    await rig.clock.outcome(batch.deliver());
    expect(rig.store.model.ids('accepted')).toHaveLength(4);
    expect(rig.transport.calls).toHaveLength(4);
  });

  it('by the time limit of a call leaves the calls behind it for later', async () => {
    const rig = contextRig({ relay: { publishTimeoutMs: 500 }, transport: { limits: { maxMessages: 1 } } });
    rig.store.commit(...many(3));
    rig.transport.script.next('publish', {}, { hang: 'before' });
    const { batch } = await batchOf(rig);
    await rig.clock.outcome(batch.deliver());
    const { model } = rig.store;
    expect(['accepted', 'retry', 'returned'].map((kind) => model.ids(kind as 'retry').length)).toEqual([
      1, 1, 1,
    ]);
  });

  it('by the end of the relay counts what may have been published', async () => {
    const rig = contextRig();
    rig.store.commit(...many(2));
    rig.transport.script.always('publish', { hang: 'after' });
    const { batch } = await batchOf(rig);
    const delivering = batch.deliver();
    await rig.clock.advance(100);
    expect(rig.context.control.unsettled).toBe(2);
    rig.context.control.abandon();
    await rig.clock.outcome(delivering);
    expect(rig.context.control.unsettled).toBe(2);
    expect(rig.store.model.ids('returned')).toHaveLength(2);
  });

  it('by the end of the relay while it cannot be settled counts what was published', async () => {
    const rig = contextRig();
    rig.store.commit(...many(2));
    rig.store.script.always('settle', { fail: conflict });
    const { batch } = await batchOf(rig);
    const delivering = batch.deliver();
    await rig.clock.advance(5_000);
    rig.context.control.abandon();
    await expect(rig.clock.outcome(delivering)).resolves.toBe('refused');
    expect(rig.context.control.unsettled).toBe(2);
  });

  it('counts nothing once it is settled, nor what was never sent', async () => {
    const rig = contextRig();
    rig.store.commit(...many(2));
    rig.store.script.next('settle', { takesMs: 500 });
    const { batch } = await batchOf(rig);
    const delivering = batch.deliver();
    await rig.clock.advance(100);
    expect(rig.context.control.unsettled).toBe(2);
    await rig.clock.outcome(delivering);
    expect(rig.context.control.unsettled).toBe(0);
    rig.store.commit(...many(2));
    rig.transport.reachable = false;
    rig.store.script.next('settle', { takesMs: 500 });
    await rig.clock.outcome(rig.store.release('1'.padStart(32, '0')));
    const second = (await batchOf(rig)).batch.deliver();
    await rig.clock.advance(100);
    expect(rig.context.control.unsettled).toBe(0);
    await rig.clock.outcome(second);
  });
});

describe('a trial', () => {
  const breakerOf = (topic: string | null): Breaker =>
    new Breaker({ transport: 'scripted', topic }, readBreaker('breaker', undefined), () => 0);
  const down = new OutboxError('TRANSPORT_UNAVAILABLE', 'connection reset');

  it.each([
    ['of a transport found connected a moment ago charges the message (R4.5)', null, true, 'retry'],
    ['of a transport that cannot be asked charges nobody (R4.1)', null, false, 'returned'],
    ['of a topic charges nobody for the transport (R4.1)', 'order.placed', true, 'returned'],
  ] as const)('%s', async (_, topic, connectivity, outcome) => {
    const rig = contextRig({ transport: { connectivity } });
    rig.store.commit(newMessage());
    rig.transport.script.next('publish', { fail: down });
    const { batch } = await batchOf(rig, { topics: ALL_TOPICS, trial: breakerOf(topic) });
    await rig.clock.outcome(batch.deliver());
    expect(rig.store.model.recorded.map((entry) => entry.outcome)).toEqual([outcome]);
    expect(rig.context.board.troubled).toBe(true);
  });
});
