import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import { OutboxError } from '../../src/errors.ts';
import { many, newMessage } from '../support/messages.ts';
import { rig } from '../support/rig.ts';
import { promisesSettled } from '../support/virtual-clock.ts';

const down = new OutboxError('STORE_UNAVAILABLE', 'down');
let warn: MockInstance;
const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);

beforeEach(() => {
  warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  process.on('unhandledRejection', note);
});
afterEach(() => {
  warn.mockRestore();
  process.off('unhandledRejection', note);
});

describe('R7 Life', () => {
  it('pause and resume', async () => {
    const { relay, clock, store, transport } = rig({ relay: { lanes: 3, batch: { messages: 5 } } });
    store.commit(...many(500));
    relay.start();
    await clock.until(() => transport.stored.length >= 50);
    relay.pause();
    await clock.advance(100);
    const paused = transport.stored.length;
    await clock.advance(60_000);
    expect([transport.stored.length, store.model.held]).toEqual([paused, false]);
    relay.resume();
    await clock.until(() => store.model.rows.size === 0);
    expect(transport.stored).toHaveLength(500);
    await clock.outcome(relay.stop());
  });

  it('graceful stop (no new claims, in-flight finishes, the tail is released, the deadline holds)', async () => {
    const { relay, clock, store, transport } = rig({
      store: { partitions: 64 },
      transport: { takesMs: 2_000 },
      relay: { lanes: 3, batch: { messages: 5 } },
    });
    store.model.partitionsPerLease = 16;
    store.commit(...many(200));
    relay.start();
    await clock.until(() => transport.mostAtOnce === 3);
    const claims = store.script.calls('claim');
    const sent = transport.calls.reduce((total, { ids }) => total + ids.length, 0);
    const begin = clock.monotonicMs();
    await expect(clock.outcome(relay.stop({ timeoutMs: 5_000 }))).resolves.toEqual({ unsettled: 0 });
    expect(clock.monotonicMs() - begin).toBeLessThan(2_010);
    expect(store.script.calls('claim')).toBe(claims);
    expect(store.model.ids('accepted')).toHaveLength(sent);
    expect([store.model.held, store.model.rows.size, clock.timers]).toEqual([false, 200 - sent, 0]);
  });

  it.each(['connect', 'claim', 'publish', 'settle'] as const)('stop during %s', async (step) => {
    const { relay, clock, store, transport } = rig({ store: { facets: ['wakeups'] }, relay: { lanes: 3 } });
    store.commit(...many(5));
    if (step === 'connect') {
      store.script.always('listen', { hang: 'before' });
      store.script.always('claim', { takesMs: 500, fail: down });
    } else if (step === 'publish') {
      transport.script.always('publish', { takesMs: 500 });
    } else {
      store.script.always(step, { takesMs: 500 });
    }
    relay.start();
    await clock.advance(250);
    const begin = clock.monotonicMs();
    await expect(clock.outcome(relay.stop())).resolves.toEqual({ unsettled: 0 });
    expect(clock.monotonicMs() - begin).toBeLessThan(510);
    expect([store.model.held, clock.timers]).toEqual([false, 0]);
    const done = step === 'publish' || step === 'settle' ? 5 : 0;
    expect(store.model.ids('accepted')).toHaveLength(done);
  });

  it('double start and stop', async () => {
    const { relay, clock, eventsOf } = rig();
    relay.start();
    expect(() => relay.start()).toThrow(/is working; create a new relay/);
    await clock.outcome(Promise.all([relay.stop(), relay.stop()]));
    await clock.outcome(relay.stop());
    expect(() => relay.start()).toThrow(/has ended; create a new relay/);
    expect([eventsOf('relay-started').length, eventsOf('relay-stopped').length]).toEqual([1, 1]);
  });

  it('works from its start on while the store and the broker are down, and goes on when they come (R7.1)', async () => {
    const { relay, clock, store, transport } = rig({
      store: { facets: ['wakeups'] },
      transport: { connectivity: true },
      relay: { lanes: 3 },
    });
    for (const verb of ['claim', 'release', 'listen'] as const) store.script.always(verb, { fail: down });
    transport.reachable = false;
    store.model.append(many(10));
    relay.start();
    await clock.advance(120_000);
    for (const verb of ['claim', 'release', 'listen'] as const) store.script.normal(verb);
    await clock.advance(120_000);
    expect(store.listeners.size).toBe(1);
    transport.reachable = true;
    await clock.until(() => store.model.rows.size === 0, 60_000);
    expect(store.model.ids('retry')).toEqual([]);
    await clock.outcome(relay.stop());
    expect([store.listeners.size, clock.timers]).toEqual([0, 0]);
  });

  it('leaves no rejection unhandled and no timer behind, whatever fails (R7.5)', async () => {
    const { relay, clock, store, transport } = rig({
      store: { facets: ['wakeups', 'sharing', 'maintenance'] },
      transport: { connectivity: true },
      relay: { lanes: 3 },
    });
    store.commit(...many(50));
    for (const verb of [
      'claim',
      'read',
      'settle',
      'renew',
      'release',
      'listen',
      'unlisten',
      'purge',
    ] as const) {
      store.script.next(
        verb,
        { fail: down },
        { loseReply: down },
        { fail: new Error('odd') },
        { hang: 'after' },
      );
    }
    transport.script.next('publish', { fail: down }, { hang: 'before' }, { fail: new Error('odd') });
    transport.script.next('check', { fail: down }, { hang: 'before' });
    relay.start();
    await clock.until(() => store.model.rows.size === 0, 3_600_000);
    await clock.outcome(relay.stop());
    await clock.advance(300_000);
    await promisesSettled();
    expect([unhandled, clock.timers]).toEqual([[], 0]);
  });
});

describe('R8 Isolation', () => {
  it('a serializer, hook, tracer that throws never stops the loop', async () => {
    const { relay, clock, store, transport } = rig({
      relay: {
        retry: { maxAttempts: 5 },
        onEvent: () => {
          throw new Error('the tracer is broken');
        },
      },
    });
    const rejects: () => unknown = async () => {
      throw new Error('so is the hook');
    };
    relay.subscribe(rejects);
    transport.outcome = ({ topic }) => {
      if (topic === 'unwritable') throw new TypeError('the serializer is broken');
      return { status: 'accepted' };
    };
    store.commit(...many(10), newMessage({ topic: 'unwritable', id: 'bad' }));
    relay.start();
    await clock.until(() => store.model.rows.size === 0);
    expect(store.model.ids('dead')).toEqual(['bad']);
    expect(store.model.ids('accepted')).toHaveLength(10);
    await clock.outcome(relay.stop());
    await promisesSettled();
    expect([warn.mock.calls.length, unhandled]).toEqual([1, []]);
  });

  it('an adapter that breaks its contract is reported with the clause and stops no other topic (R8.2)', async () => {
    const { relay, clock, store, transport, eventsOf } = rig({ relay: { batch: { messages: 1 } } });
    const publish = transport.publish.bind(transport);
    transport.publish = async (messages, signal) => {
      const results = await publish(messages, signal);
      return messages.some(({ topic }) => topic === 'odd') ? [] : results;
    };
    store.commit(...many(20, (index) => ({ topic: index === 0 ? 'odd' : 'fine' })));
    relay.start();
    await clock.until(() => store.model.ids('accepted').length === 19);
    expect(eventsOf('message-retry')[0]).toMatchObject({ error: expect.stringContaining('T1.1') });
    await clock.outcome(relay.stop());
  });
});
