import { describe, expect, it } from 'vitest';
import { OutboxError } from '../../src/errors.ts';
import { createRelay } from '../../src/relay/relay.ts';
import { ACCEPTED } from '../../src/transport.ts';
import { many, newMessage } from '../support/messages.ts';
import { rig } from '../support/rig.ts';
import { ScriptedStore } from '../support/scripted-store.ts';
import { ScriptedTransport } from '../support/scripted-transport.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const LEASE_MS = 10_000;
const down = new OutboxError('STORE_UNAVAILABLE', 'down');

describe('R5 Leases', () => {
  it('a batch slower than the lease renews or sheds its tail and never publishes under a lapsed lease', async () => {
    const slow = { takesMs: 6_000, limits: { maxMessages: 1 } };
    const renewing = rig({ transport: slow, relay: { leaseMs: LEASE_MS } });
    renewing.store.commit(...many(5));
    renewing.relay.start();
    await renewing.clock.until(() => renewing.store.model.rows.size === 0);
    expect(renewing.eventsOf('batch-settled')).toMatchObject([{ accepted: [{}, {}, {}, {}, {}] }]);
    await renewing.clock.outcome(renewing.relay.stop());

    const shedding = rig({ transport: slow, relay: { leaseMs: LEASE_MS } });
    shedding.store.commit(...many(5));
    shedding.store.script.always('renew', { fail: down });
    shedding.relay.start();
    await shedding.clock.until(() => shedding.store.model.recorded.length === 5);
    const { model } = shedding.store;
    expect([model.ids('accepted').length, model.ids('returned').length, model.ids('retry').length]).toEqual([
      1, 4, 0,
    ]);
    const [first, second, third] = shedding.transport.calls.map(({ atMs }) => atMs);
    expect((second ?? 0) - (first ?? 0)).toBe(6_000);
    // The third call is the first one of the next lease.
    expect(third ?? Number.POSITIVE_INFINITY).toBeGreaterThan(LEASE_MS * 0.9);
    await shedding.clock.outcome(shedding.relay.stop());
  });

  it('nothing is published after a stall longer than the lease, wherever it falls', async () => {
    for (const verb of ['claim', 'read', 'renew'] as const) {
      const clock = new VirtualClock();
      const { relay, store, transport } = rig({
        clock,
        transport: { takesMs: 4_000, limits: { maxMessages: 1 } },
      });
      store.commit(...many(4));
      store.script.next(verb, { meanwhile: () => clock.stall(LEASE_MS * 2) });
      const held: boolean[] = [];
      const publish = transport.publish.bind(transport);
      transport.publish = async (messages, signal) => {
        held.push(store.model.held);
        return publish(messages, signal);
      };
      relay.start();
      await clock.until(() => store.model.rows.size === 0);
      expect(held.every(Boolean)).toBe(true);
      await clock.outcome(relay.stop());
    }
  });

  it('a settle that fails after publish is retried before anything new of its keys', async () => {
    const { relay, clock, store, transport } = rig({ relay: { batch: { messages: 2 } } });
    store.script.next('settle', ...Array.from({ length: 8 }, () => ({ fail: down })));
    store.commit(...['a', 'b', 'c', 'd'].map((id) => newMessage({ id, key: 'k' })));
    relay.start();
    await clock.until(() => store.script.calls('settle') === 5);
    expect([transport.calls.length, store.script.calls('read')]).toEqual([1, 1]);
    await clock.until(() => store.model.rows.size === 0);
    expect(transport.storedIds).toEqual(['a', 'b', 'c', 'd']);
    expect(store.model.violations).toEqual([]);
    await clock.outcome(relay.stop());
  });

  it('a settle whose connection went silent is repeated on another one', async () => {
    const { relay, clock, store, transport } = rig();
    store.script.next('settle', { hang: 'after' });
    store.commit(newMessage());
    relay.start();
    await clock.until(() => store.script.calls('settle') === 2);
    await clock.advance(100);
    expect([transport.calls.length, store.model.ids('accepted').length]).toEqual([1, 1]);
    store.commit(newMessage());
    await clock.until(() => store.model.rows.size === 0);
    await clock.outcome(relay.stop());
  });

  it('a settle that was given up and is carried out later touches nothing that was read since', async () => {
    const { relay, clock, store, transport, eventsOf } = rig({ relay: { retry: { minDelayMs: 0 } } });
    transport.outcome = () => {
      transport.outcome = () => ACCEPTED;
      return { status: 'failed', error: new Error('busy') };
    };
    transport.script.next('publish', {}, { takesMs: 20_000 });
    store.script.next('settle', { takesMs: 70_000 });
    store.commit(newMessage({ id: 'm' }));
    relay.start();
    await clock.until(() => store.model.rows.size === 0);
    expect(store.model.recorded.map(({ outcome }) => outcome)).toEqual(['retry', 'accepted']);
    expect(transport.storedIds).toEqual(['m']);
    expect(eventsOf('batch-settled').filter(({ accepted }) => accepted.length > 0)).toHaveLength(1);
    await clock.outcome(relay.stop());
    await clock.advance(100_000);
  });

  it('another relay takes over after the end of a lease, and the late outcome is refused, loudly', async () => {
    const clock = new VirtualClock();
    const late = rig({ clock, relay: { name: 'late' } });
    const { model } = late.store;
    late.store.commit(...['a', 'b'].map((id) => newMessage({ id, key: 'k' })));
    late.store.script.always('settle', { takesMs: LEASE_MS * 3 });
    late.store.script.always('renew', { fail: down });
    late.relay.start();
    await clock.until(() => late.transport.stored.length === 2);
    const store = new ScriptedStore(clock, { model });
    const transport = new ScriptedTransport(clock);
    let tokens = 0;
    const random = { unit: (): number => 0.5, token: (): string => `other${++tokens}` };
    const other = createRelay({ store, transport, clock, lanes: 1, random });
    other.start();
    await clock.until(() => model.rows.size === 0);
    expect(clock.monotonicMs()).toBeGreaterThanOrEqual(LEASE_MS);
    expect(transport.storedIds).toEqual(['a', 'b']);
    await clock.until(() => late.eventsOf('lease-lost').length === 1);
    expect(late.eventsOf('lease-lost')).toMatchObject([{ lane: 0, unsettled: 2 }]);
    expect(late.eventsOf('batch-settled')).toMatchObject([{ accepted: [] }]);
    expect(model.ids('accepted')).toEqual(['a', 'b']);
    await clock.outcome(Promise.all([late.relay.stop(), other.stop()]));
  });
});
