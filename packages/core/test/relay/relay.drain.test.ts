import { describe, expect, it } from 'vitest';
import { OutboxError } from '../../src/errors.ts';
import { ACCEPTED } from '../../src/transport.ts';
import { many, newMessage } from '../support/messages.ts';
import { rig } from '../support/rig.ts';

const failed = { status: 'failed', error: new Error('busy') } as const;
const missing = new OutboxError('STORE_SCHEMA_MISSING', 'no tables');
const down = new OutboxError('STORE_UNAVAILABLE', 'down');

describe('drain (R7.4)', () => {
  it('ends at once when nothing is due', async () => {
    const { relay, clock, events } = rig({ relay: { lanes: 3 } });
    const report = await clock.outcome(relay.drain());
    expect(report).toEqual({ ended: 'drained', accepted: 0, retried: 0, dead: 0, durationMs: 1 });
    expect(events.map(({ type }) => type)).toEqual(['relay-started', 'relay-stopped']);
    expect(clock.timers).toBe(0);
  });

  it('delivers everything that is due, without sleeping, and counts it', async () => {
    const { relay, clock, store, transport } = rig({ relay: { batch: { messages: 10 } } });
    store.commit(...many(95), newMessage({ topic: 'bad' }), newMessage({ topic: 'never' }));
    transport.outcome = ({ topic }) => {
      if (topic === 'bad') return failed;
      return topic === 'never' ? { status: 'rejected', error: new Error('no') } : ACCEPTED;
    };
    const report = await clock.outcome(relay.drain());
    expect(report).toMatchObject({ ended: 'drained', accepted: 95, retried: 1, dead: 1 });
    // A claim, ten batches, an empty read, a release and a claim in vain, of a millisecond a call.
    expect(report.durationMs).toBeLessThanOrEqual(35);
    expect(clock.timers).toBe(0);
  });

  it('does not wait for what falls due later', async () => {
    const { relay, clock, store, transport } = rig();
    store.commit(newMessage(), newMessage({ availableAt: new Date(5_000) }));
    await expect(clock.outcome(relay.drain())).resolves.toMatchObject({ ended: 'drained', accepted: 1 });
    expect(transport.stored).toHaveLength(1);
  });

  it('uses all its lanes, and ends when the last of them has nothing left', async () => {
    const { relay, clock, store, transport } = rig({
      store: { partitions: 64 },
      transport: { takesMs: 50 },
      relay: { lanes: 4, batch: { messages: 5 } },
    });
    store.model.partitionsPerLease = 8;
    store.commit(...many(400));
    await expect(clock.outcome(relay.drain())).resolves.toMatchObject({ ended: 'drained', accepted: 400 });
    expect(transport.mostAtOnce).toBe(4);
    expect([store.model.rows.size, clock.timers]).toEqual([0, 0]);
  });

  it('also delivers what becomes due meanwhile, and what another lane gives back', async () => {
    const { relay, clock, store } = rig({
      store: { facets: ['sharing'] },
      transport: { takesMs: 50 },
      relay: { lanes: 3, batch: { messages: 5 } },
    });
    store.commit(...many(100));
    store.model.wanted = true;
    const draining = relay.drain();
    await clock.advance(300);
    store.commit(...many(50));
    store.model.wanted = true;
    await expect(clock.outcome(draining)).resolves.toMatchObject({ ended: 'drained', accepted: 150 });
  });

  it.each([1, 4])('stops at its limit of messages, also with %i lanes', async (lanes) => {
    const { relay, clock, store } = rig({
      store: { partitions: 64 },
      relay: { lanes, batch: { messages: 7 } },
    });
    store.model.partitionsPerLease = 4;
    store.commit(...many(400));
    const report = await clock.outcome(relay.drain({ maxMessages: 100 }));
    expect(report).toMatchObject({ ended: 'limit', accepted: 100 });
    expect([store.model.rows.size, store.model.held]).toEqual([300, false]);
  });

  it('delivers less than its limit when there is less', async () => {
    const { relay, clock, store } = rig({ store: { partitions: 64 }, relay: { lanes: 4 } });
    store.model.partitionsPerLease = 1;
    store.commit(...many(90));
    await expect(clock.outcome(relay.drain({ maxMessages: 100 }))).resolves.toMatchObject({
      ended: 'drained',
      accepted: 90,
    });
  });

  it('stops when its time is up, and lets the batch under way finish', async () => {
    const { relay, clock, store } = rig({ transport: { takesMs: 400 }, relay: { batch: { messages: 1 } } });
    store.commit(...many(100));
    const report = await clock.outcome(relay.drain({ timeoutMs: 1_000 }));
    expect(report).toMatchObject({ ended: 'timeout', accepted: 3 });
    expect([store.model.held, clock.timers]).toEqual([false, 0]);
  });

  it('holds its time, give or take the grace of a stop, when the broker is silent', async () => {
    const { relay, clock, store, transport } = rig();
    store.commit(newMessage());
    transport.script.always('publish', { hang: 'before' });
    const report = await clock.outcome(relay.drain({ timeoutMs: 1_000 }));
    expect(report).toMatchObject({ ended: 'timeout', accepted: 0 });
    expect(report.durationMs).toBeLessThan(12_000);
  });

  it('says when a breaker keeps the rest back', async () => {
    const { relay, clock, store, transport } = rig({ relay: { lanes: 3 } });
    store.commit(...many(5));
    transport.reachable = false;
    await expect(clock.outcome(relay.drain())).resolves.toMatchObject({ ended: 'unavailable', accepted: 0 });
    expect([store.model.rows.size, clock.timers]).toEqual([5, 0]);
  });

  it('delivers other topics when one is kept back', async () => {
    const { relay, clock, store, transport } = rig({
      relay: { batch: { messages: 5 }, breaker: { failures: 3 } },
    });
    store.commit(...many(20, (index) => ({ topic: index % 2 === 0 ? 'bad' : 'good' })));
    transport.outcome = ({ topic }) => (topic === 'bad' ? failed : ACCEPTED);
    const report = await clock.outcome(relay.drain());
    expect(report).toMatchObject({ ended: 'unavailable', accepted: 10 });
  });

  it('says when it was stopped', async () => {
    const { relay, clock, store } = rig({ transport: { takesMs: 400 }, relay: { batch: { messages: 1 } } });
    store.commit(...many(100));
    const draining = relay.drain();
    await clock.advance(1_000);
    void relay.stop();
    await expect(clock.outcome(draining)).resolves.toMatchObject({ ended: 'stopped', accepted: 3 });
  });

  it('goes on when a store that could not be reached comes back', async () => {
    const { relay, clock, store } = rig();
    store.commit(newMessage());
    store.script.next('claim', ...Array.from({ length: 10 }, () => ({ fail: down })));
    await expect(clock.outcome(relay.drain())).resolves.toMatchObject({ ended: 'drained', accepted: 1 });
  });

  it.each(['claim', 'read', 'settle'] as const)(
    'rejects with the error of %s when waiting cannot cure it',
    async (verb) => {
      const { relay, clock, store, transport, eventsOf } = rig({ relay: { lanes: 3 } });
      store.commit(...many(3));
      store.script.always(verb, { fail: missing });
      await expect(clock.outcome(relay.drain())).rejects.toBe(missing);
      expect(eventsOf('relay-stopped')).toHaveLength(1);
      expect(transport.calls.length).toBeLessThanOrEqual(1);
      expect([store.model.held, clock.timers]).toEqual([false, 0]);
    },
  );

  it('can be paused and resumed', async () => {
    const { relay, clock, store } = rig({ transport: { takesMs: 100 }, relay: { batch: { messages: 1 } } });
    store.commit(...many(5));
    const draining = relay.drain();
    await clock.advance(150);
    relay.pause();
    await clock.advance(60_000);
    expect(store.model.rows.size).toBe(3);
    relay.resume();
    await expect(clock.outcome(draining)).resolves.toMatchObject({ ended: 'drained', accepted: 5 });
  });

  it('neither listens nor purges', async () => {
    const { relay, clock, store } = rig({ store: { facets: ['wakeups', 'maintenance'] } });
    await clock.outcome(relay.drain());
    expect([store.script.calls('listen'), store.script.calls('purge')]).toEqual([0, 0]);
  });

  it.each([{ timeoutMs: 0 }, { maxMessages: 0 }, { limit: 5 }])('refuses %j', async (options) => {
    const { relay, clock } = rig();
    await expect(relay.drain(options)).rejects.toThrow(TypeError);
    await expect(clock.outcome(relay.drain())).resolves.toMatchObject({ ended: 'drained' });
  });
});
