import { describe, expect, it } from 'vitest';
import { OutboxError } from '../../src/errors.ts';
import { many, newMessage } from '../support/messages.ts';
import { rig } from '../support/rig.ts';

const down = new OutboxError('STORE_UNAVAILABLE', 'down');

describe('a lane without work', () => {
  it('looks less and less often, up to the longest wait (R6.2)', async () => {
    const { relay, clock, store } = rig();
    relay.start();
    await clock.advance(600);
    const begin = store.script.calls('claim');
    await clock.advance(60_000);
    const perMinute = store.script.calls('claim') - begin;
    expect(perMinute).toBeGreaterThanOrEqual(240);
    expect(perMinute).toBeLessThanOrEqual(300);
    await clock.outcome(relay.stop());
  });

  it('looks at once when it is woken', async () => {
    const { relay, clock, store, transport } = rig();
    relay.start();
    await clock.advance(10_000);
    store.model.append([newMessage()]);
    const begin = clock.monotonicMs();
    relay.wake();
    await clock.until(() => transport.stored.length === 1);
    expect(clock.monotonicMs() - begin).toBeLessThan(5);
    await clock.outcome(relay.stop());
  });

  it('does not lose a wake-up that comes while it looks (R6.3)', async () => {
    const { relay, clock, store, transport } = rig();
    relay.start();
    await clock.advance(10_000);
    const claims = store.script.calls('claim');
    await clock.until(() => store.script.calls('claim') > claims);
    // The claim is under way, and may have looked already.
    store.script.next('claim', { meanwhile: () => {} });
    await clock.advance(1);
    relay.wake();
    store.model.append([newMessage()]);
    const begin = clock.monotonicMs();
    await clock.until(() => transport.stored.length === 1);
    expect(clock.monotonicMs() - begin).toBeLessThan(5);
    await clock.outcome(relay.stop());
  });
});

describe('a lane with work', () => {
  it('keeps its lease from batch to batch, and for a moment after the last one', async () => {
    const { relay, clock, store, transport } = rig({
      store: { facets: ['sharing'] },
      relay: { batch: { messages: 10 } },
    });
    store.commit(...many(100));
    relay.start();
    await clock.until(() => transport.stored.length === 100);
    expect(store.script.calls('claim')).toBe(1);
    await clock.advance(500);
    store.commit(newMessage());
    await clock.until(() => transport.stored.length === 101);
    expect(store.script.calls('claim')).toBe(1);
    await clock.until(() => store.script.calls('release') === 1);
    await clock.outcome(relay.stop());
  });

  it('takes no time between batches (R6.1)', async () => {
    const { relay, clock, store, transport } = rig({ relay: { batch: { messages: 10 } } });
    store.commit(...many(1_000));
    relay.start();
    await clock.until(() => transport.stored.length === 1_000);
    // One claim, then a read, a publish and a settle of a millisecond each, a hundred times.
    expect(clock.monotonicMs()).toBeLessThanOrEqual(1 + 300);
    await clock.outcome(relay.stop());
  });

  it('respects the limits of a batch in messages and bytes', async () => {
    const { relay, clock, store, transport } = rig({ relay: { batch: { messages: 7, bytes: 50 } } });
    store.commit(...many(30, (index) => ({ payload: 'x'.repeat(index < 15 ? 1 : 20) })));
    relay.start();
    await clock.until(() => transport.stored.length === 30);
    expect(transport.calls.map(({ ids }) => ids.length)).toEqual([7, 7, 3, 2, 2, 2, 2, 2, 2, 1]);
    await clock.outcome(relay.stop());
  });

  it('makes batches smaller for a slow broker, and larger again (R6.4)', async () => {
    const { relay, clock, store, transport } = rig({
      transport: { takesMs: 2_000 },
      relay: { batch: { messages: 64 } },
    });
    store.commit(...many(2_000));
    relay.start();
    await clock.until(() => transport.calls.length === 5);
    expect(transport.calls.map(({ ids }) => ids.length)).toEqual([64, 32, 16, 8, 4]);
    transport.script.takesMs = 10;
    await clock.until(() => transport.calls.length === 11);
    expect(transport.calls.slice(5).map(({ ids }) => ids.length)).toEqual([2, 4, 8, 16, 32, 64]);
    await clock.outcome(relay.stop());
  });
});

describe('a lane whose lease yields nothing', () => {
  it('does not spin, although the release of its lease wakes it', async () => {
    const { relay, clock, store } = rig({ store: { facets: ['wakeups'] } });
    store.commit(newMessage());
    store.read = () => store.script.play('read', () => []);
    relay.start();
    await clock.advance(60_000);
    expect(store.script.calls('claim')).toBeLessThan(320);
    await clock.outcome(relay.stop());
  });

  it('does not spin either when what it read comes back untried', async () => {
    const { relay, clock, store, transport } = rig({ store: { facets: ['wakeups'] } });
    store.commit(newMessage());
    store.settle = (lease, settlements) =>
      store.script.play('settle', () => {
        store.wake();
        return store.model.settle(lease, settlements);
      });
    transport.publish = (messages) =>
      transport.script.play('publish', () =>
        Promise.reject(new OutboxError('TRANSPORT_CLOSED', `closed before ${messages.length} messages`)),
      );
    relay.start();
    await clock.advance(60_000);
    expect(transport.script.calls('publish')).toBeLessThan(30);
    await clock.outcome(relay.stop());
  });
});

describe('a lane whose store fails', () => {
  it.each(['claim', 'read'] as const)('in %s tries again after growing waits (R8.3)', async (verb) => {
    const { relay, clock, store, transport, eventsOf } = rig();
    store.commit(newMessage());
    store.script.always(verb, { fail: down });
    relay.start();
    await clock.advance(60_000);
    const failures = eventsOf('store-failed').filter(({ during }) => during === verb);
    expect(failures.map(({ delayMs }) => delayMs).slice(0, 4)).toEqual([90, 180, 360, 720]);
    expect(failures.length).toBeLessThan(15);
    store.script.normal(verb);
    await clock.until(() => transport.stored.length === 1, 10_000);
    await clock.outcome(relay.stop());
  });

  it('holds no lease while it waits', async () => {
    const { relay, clock, store, eventsOf } = rig();
    store.commit(newMessage());
    store.script.always('read', { fail: down });
    relay.start();
    await clock.until(() => eventsOf('store-failed').length === 5);
    await clock.advance(100);
    expect(store.model.held).toBe(false);
    await clock.outcome(relay.stop());
  });

  it('gives back a lease whose claim went unanswered (R5.4)', async () => {
    const { relay, clock, store, eventsOf } = rig();
    store.commit(newMessage());
    store.script.next('claim', { loseReply: down });
    relay.start();
    await clock.until(() => eventsOf('store-failed').length === 1);
    expect(store.model.held).toBe(false);
    await clock.outcome(relay.stop());
  });

  it('goes on when a release fails, after the lease has ended by itself', async () => {
    const { relay, clock, store, transport, eventsOf } = rig();
    store.script.next('release', { fail: down });
    store.commit(newMessage());
    relay.start();
    await clock.until(() => eventsOf('lease-released').length === 1);
    store.commit(newMessage());
    await clock.until(() => transport.stored.length === 2, 11_000);
    expect(eventsOf('store-failed')).toMatchObject([{ during: 'release', delayMs: 0 }]);
    await clock.outcome(relay.stop());
  });

  it('begins anew after a defect', async () => {
    const { relay, clock, store, transport, eventsOf } = rig();
    store.commit(newMessage());
    const defect = new TypeError('x is not a function');
    const read = store.read;
    store.read = async () => [null as never];
    relay.start();
    await clock.until(() => eventsOf('lane-failed').length === 2);
    expect(eventsOf('lane-failed')[0]?.error).toBeInstanceOf(defect.constructor);
    store.read = read;
    await clock.until(() => transport.stored.length === 1);
    await clock.outcome(relay.stop());
  });
});

describe('helping lanes', () => {
  it('sleep while one lane keeps up', async () => {
    const { relay, clock, store, transport } = rig({ relay: { lanes: 3, lingerMs: 0 } });
    relay.start();
    for (let index = 0; index < 20; index++) {
      store.commit(newMessage());
      relay.wake();
      await clock.until(() => transport.stored.length === index + 1);
      await clock.advance(1_000);
    }
    expect(transport.mostAtOnce).toBe(1);
    await clock.outcome(relay.stop());
  });

  it('wake when a lane reads a full batch', async () => {
    const { relay, clock, store, transport } = rig({
      store: { partitions: 64 },
      transport: { takesMs: 50 },
      relay: { lanes: 3, batch: { messages: 10 } },
    });
    store.model.partitionsPerLease = 16;
    store.commit(...many(500));
    relay.start();
    await clock.until(() => transport.stored.length === 500);
    expect(transport.mostAtOnce).toBe(3);
    await clock.outcome(relay.stop());
  });

  it('wake when a lane takes one lease with work after the other, each too small to fill a batch', async () => {
    const { relay, clock, store, transport } = rig({
      store: { partitions: 64, capabilities: { leaseScope: 'key' } },
      transport: { takesMs: 50 },
      relay: { lanes: 3 },
    });
    store.model.partitionsPerLease = 2;
    store.commit(...many(500));
    relay.start();
    await clock.until(() => transport.stored.length === 500);
    expect(transport.mostAtOnce).toBe(3);
    await clock.outcome(relay.stop());
  });

  it('go back to sleep when the backlog is gone', async () => {
    const { relay, clock, store, transport } = rig({
      store: { partitions: 64 },
      relay: { lanes: 3, batch: { messages: 10 } },
    });
    store.commit(...many(200));
    relay.start();
    await clock.until(() => transport.stored.length === 200);
    await clock.advance(10_000);
    const begin = store.script.calls('claim');
    await clock.advance(60_000);
    expect(store.script.calls('claim') - begin).toBeLessThan(320);
    await clock.outcome(relay.stop());
  });
});
