import { describe, expect, it } from 'vitest';
import type { OutboxError } from '../../src/errors.ts';
import type { RelayEvent } from '../../src/events.ts';
import { guardStore } from '../../src/guard/guard-store.ts';
import { newMessage } from '../support/messages.ts';
import { rig } from '../support/rig.ts';
import { ScriptedTransport } from '../support/scripted-transport.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const state = (text: string): unknown =>
  expect.objectContaining({ code: 'RELAY_STATE', message: expect.stringContaining(text) });

describe('the life of a relay', () => {
  it('begins with its start and ends with its stop, told by events', async () => {
    const { relay, clock, events } = rig();
    expect(events).toEqual([]);
    relay.start();
    await clock.advance(1_000);
    await expect(clock.outcome(relay.stop())).resolves.toEqual({ unsettled: 0 });
    expect(events).toEqual([
      { type: 'relay-started', relay: 'rig' },
      { type: 'relay-stopped', relay: 'rig', unsettled: 0 },
    ]);
    expect(clock.timers).toBe(0);
  });

  it('is one: it can be started or drained once, and not after its stop', async () => {
    const { relay, clock } = rig();
    relay.start();
    expect(() => relay.start()).toThrow(state('relay.start() was called on a relay that is working'));
    await expect(relay.drain()).rejects.toEqual(state('relay.drain() was called on a relay that is working'));
    await clock.outcome(relay.stop());
    expect(() => relay.start()).toThrow(state('that has ended'));
    await expect(relay.drain()).rejects.toEqual(state('that has ended'));
  });

  it('may end before it began', async () => {
    const { relay, clock, events } = rig();
    await expect(clock.outcome(relay.stop())).resolves.toEqual({ unsettled: 0 });
    expect(() => relay.start()).toThrow(state('that has ended'));
    expect([events, clock.timers]).toEqual([[], 0]);
  });

  it('takes any number of stops, before and after the end', async () => {
    const { relay, clock, eventsOf } = rig();
    relay.start();
    const stops = [relay.stop(), relay.stop({ timeoutMs: 5 }), relay.stop()];
    await clock.outcome(Promise.all(stops));
    await clock.outcome(relay.stop());
    expect(eventsOf('relay-stopped')).toHaveLength(1);
    expect(clock.timers).toBe(0);
  });

  it('may be ended by a listener of its own start', async () => {
    const { relay, clock, store, eventsOf } = rig();
    let stopped: Promise<unknown> | null = null;
    relay.subscribe((event) => {
      if (event.type === 'relay-started') stopped = relay.stop();
    });
    relay.start();
    await clock.outcome(stopped ?? Promise.reject(new Error('the listener was not told')));
    expect(eventsOf('relay-stopped')).toHaveLength(1);
    expect(store.script.calls('claim')).toBe(0);
  });

  it('leaves adapters open: whoever made them closes them', async () => {
    const { relay, clock, store } = rig();
    relay.start();
    await clock.outcome(relay.stop());
    expect(store.closed).toBe(0);
  });

  it.each([{ timeoutMs: -1 }, { timeoutMs: 1.5 }, { timeout: 5 }])(
    'refuses to stop with %j',
    async (options) => {
      const { relay, clock } = rig();
      relay.start();
      await expect(relay.stop(options)).rejects.toThrow(TypeError);
      await clock.outcome(relay.stop());
    },
  );
});

describe('pause and resume', () => {
  it('give leases back, take none, and go on (R7.3)', async () => {
    const { relay, clock, store, transport, eventsOf } = rig();
    relay.start();
    await clock.advance(100);
    relay.pause();
    relay.pause();
    store.commit(newMessage());
    relay.wake();
    await clock.advance(60_000);
    expect([transport.stored, store.model.held]).toEqual([[], false]);
    relay.resume();
    relay.resume();
    await clock.until(() => transport.stored.length === 1, 5);
    expect([eventsOf('relay-paused').length, eventsOf('relay-resumed').length]).toEqual([1, 1]);
    await clock.outcome(relay.stop());
  });

  it('may come before the start', async () => {
    const { relay, clock, store, transport } = rig();
    store.commit(newMessage());
    relay.pause();
    relay.start();
    await clock.advance(10_000);
    expect(store.script.calls('claim')).toBe(0);
    relay.resume();
    await clock.until(() => transport.stored.length === 1);
    await clock.outcome(relay.stop());
  });

  it('let a batch under way finish', async () => {
    const { relay, clock, store, transport } = rig({ transport: { takesMs: 5_000 } });
    store.commit(newMessage());
    relay.start();
    await clock.until(() => transport.calls.length === 1);
    relay.pause();
    await clock.advance(6_000);
    expect(store.model.ids('accepted')).toHaveLength(1);
    expect(store.model.held).toBe(false);
    await clock.outcome(relay.stop());
  });

  it('do not keep a paused relay from ending', async () => {
    const { relay, clock } = rig({ relay: { lanes: 3 } });
    relay.start();
    await clock.advance(100);
    relay.pause();
    await clock.advance(100);
    const begin = clock.monotonicMs();
    await clock.outcome(relay.stop());
    expect(clock.monotonicMs()).toBe(begin);
  });

  it('change nothing after the end', async () => {
    const { relay, clock, eventsOf } = rig();
    relay.start();
    await clock.outcome(relay.stop());
    relay.pause();
    relay.resume();
    relay.wake();
    expect([eventsOf('relay-paused'), eventsOf('relay-resumed'), clock.timers]).toEqual([[], [], 0]);
  });
});

describe('subscribe', () => {
  it('adds a listener until it is removed', async () => {
    const { relay, clock } = rig();
    const heard: RelayEvent[] = [];
    const remove = relay.subscribe((event) => heard.push(event));
    relay.start();
    remove();
    await clock.outcome(relay.stop());
    expect(heard.map(({ type }) => type)).toEqual(['relay-started']);
  });
});

describe('createRelay', () => {
  it('refuses wrong options by name', () => {
    expect(() => rig({ relay: { lanes: 0 } })).toThrow(/createRelay: option "lanes"/);
    expect(() => rig({ relay: { routes: {} } })).toThrow(/at least one topic pattern/);
    expect(() => rig({ relay: { topics: { 'a*': {} } } })).toThrow(/Expected a topic such as/);
  });

  it('works with chance and clocks that are instances of classes', async () => {
    class Chance {
      readonly #half = 0.5;
      unit(): number {
        return this.#half;
      }
      token(): string {
        return String(this.#half).padStart(32, '0');
      }
    }
    const { relay, clock, store, transport } = rig({ relay: { random: new Chance() } });
    transport.outcome = () => ({ status: 'failed', error: new Error('busy') });
    store.commit(newMessage());
    relay.start();
    await clock.until(() => store.model.ids('retry').length === 2);
    await clock.outcome(relay.stop());
    expect(store.model.recorded.at(-1)?.delayMs).toBe(850);
  });

  it('sends by route and leaves what has none (R9.2)', async () => {
    const clock = new VirtualClock();
    const mail = new ScriptedTransport(clock, { name: 'mail' });
    const orders = new ScriptedTransport(clock, { name: 'orders' });
    const { relay, store } = rig({ clock, relay: { routes: { 'mail.*': mail, order: orders } } });
    store.commit(
      newMessage({ id: 'a', topic: 'mail.welcome' }),
      newMessage({ id: 'b', topic: 'order' }),
      newMessage({ id: 'c', topic: 'other' }),
    );
    relay.start();
    await clock.advance(10_000);
    expect([mail.storedIds, orders.storedIds, [...store.model.rows.keys()]]).toEqual([['a'], ['b'], ['c']]);
    await clock.outcome(relay.stop());
  });

  it('ends publishing when a store yields a topic that was not asked for, and says so (R8.2)', async () => {
    const clock = new VirtualClock();
    const orders = new ScriptedTransport(clock);
    const { relay, store, eventsOf } = rig({ clock, relay: { routes: { order: orders } } });
    store.commit(newMessage({ topic: 'order' }));
    store.script.next('claim', { meanwhile: () => store.model.append([newMessage({ topic: 'other' })]) });
    const read = store.read.bind(store);
    store.read = (lease, request) =>
      read(lease, { ...request, topics: { ...request.topics, matches: () => true } });
    relay.start();
    await clock.until(() => eventsOf('store-failed').length === 1);
    expect(eventsOf('store-failed')[0]).toMatchObject({
      during: 'read',
      error: { code: 'ADAPTER_CONTRACT', message: expect.stringContaining('S3.3') },
    });
    await clock.outcome(relay.stop());
  });

  it('goes on with errors when its store is closed under it, and still ends', async () => {
    const { relay, clock, store, eventsOf } = rig();
    relay.start();
    await clock.advance(100);
    await guardStore(store).close();
    await clock.advance(60_000);
    const failures = eventsOf('store-failed');
    expect(failures.length).toBeGreaterThan(5);
    expect(failures.length).toBeLessThan(40);
    expect(failures.every(({ error }) => (error as OutboxError).code === 'STORE_CLOSED')).toBe(true);
    await clock.outcome(relay.stop());
    expect(clock.timers).toBe(0);
  });
});
