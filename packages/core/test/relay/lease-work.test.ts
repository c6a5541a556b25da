import { describe, expect, it } from 'vitest';
import { OutboxError } from '../../src/errors.ts';
import { ACCEPTED } from '../../src/transport.ts';
import { many, newMessage } from '../support/messages.ts';
import { type Rig, type RigOptions, rig } from '../support/rig.ts';

const down = new OutboxError('STORE_UNAVAILABLE', 'down');
const failed = { status: 'failed', error: new Error('busy') } as const;

/** A relay with messages of a topic that fails until its breaker is open; the messages wait for a minute then. */
async function withOpenBreaker(options: RigOptions = {}): Promise<Rig> {
  const made = rig({
    ...options,
    relay: { breaker: { failures: 5 }, retry: { minDelayMs: 60_000, jitter: 0 }, ...options.relay },
  });
  made.transport.outcome = ({ topic }) => (topic === 'bad' ? failed : ACCEPTED);
  made.store.commit(...many(5, () => ({ topic: 'bad' })));
  made.relay.start();
  await made.clock.until(() => made.eventsOf('breaker-opened').length === 1);
  return made;
}

describe('a half-open breaker without a message that is due', () => {
  it('does not keep its lane from other topics, nor from resting', async () => {
    const { relay, clock, store, transport } = await withOpenBreaker();
    await clock.advance(5_000);
    store.commit(newMessage({ topic: 'good' }));
    const [begin, reads] = [clock.monotonicMs(), store.script.calls('read')];
    await clock.until(() => transport.stored.length === 1);
    expect(clock.monotonicMs() - begin).toBeLessThan(300);
    await clock.advance(30_000);
    expect(store.script.calls('read') - reads).toBeLessThan(60);
    await clock.outcome(relay.stop());
  });

  it('takes no lane from other topics when it is one of a great many', async () => {
    const topics = Array.from({ length: 400 }, (_, at) => `bad.${at}`);
    const { relay, clock, store, transport, eventsOf } = rig({
      relay: { breaker: { failures: 1 }, retry: { minDelayMs: 3_600_000, maxDelayMs: 3_600_000, jitter: 0 } },
    });
    transport.outcome = ({ topic }) => (topic === 'good' ? ACCEPTED : failed);
    store.commit(...topics.map((topic) => newMessage({ topic })));
    relay.start();
    await clock.until(() => eventsOf('breaker-opened').length === topics.length);
    await clock.advance(5_000);
    store.commit(newMessage({ topic: 'good' }));
    const begin = clock.monotonicMs();
    await clock.until(() => transport.stored.length === 1);
    expect(clock.monotonicMs() - begin).toBeLessThan(2_000);
    await clock.outcome(relay.stop());
  });

  it('is tried again now and then while its lane is busy with other topics', async () => {
    const { relay, clock, store, transport, eventsOf } = await withOpenBreaker({
      relay: { batch: { messages: 1 } },
    });
    store.commit(...many(1_000, () => ({ topic: 'good' })));
    transport.outcome = () => ACCEPTED;
    transport.script.takesMs = 10;
    await clock.advance(5_000);
    store.commit(newMessage({ topic: 'bad', id: 'late' }));
    const begin = clock.monotonicMs();
    await clock.until(() => eventsOf('breaker-closed').length === 1);
    expect(clock.monotonicMs() - begin).toBeLessThan(300);
    expect(transport.stored.length).toBeLessThan(500);
    await clock.outcome(relay.stop());
  });

  it('does not let several lanes claim in vain while one tries', async () => {
    const { relay, clock, store, transport } = await withOpenBreaker({
      relay: { lanes: 3, retry: { minDelayMs: 100, maxDelayMs: 100, jitter: 0 } },
    });
    transport.script.always('publish', { takesMs: 5_000 });
    await clock.until(() => transport.calls.length === 2);
    const claims = store.script.calls('claim');
    await clock.advance(4_900);
    expect(store.script.calls('claim') - claims).toBeLessThan(60);
    expect(transport.calls.at(-1)?.ids).toHaveLength(1);
    await clock.outcome(relay.stop());
  });
});

describe('a lease that others want a share of', () => {
  it('is shared after the batch whose settle said so (R6.5)', async () => {
    const { relay, clock, store, transport } = rig({ store: { facets: ['sharing'] } });
    store.commit(...many(40));
    store.model.wanted = true;
    relay.start();
    await clock.until(() => store.script.calls('handOver') === 1);
    await clock.until(() => transport.stored.length === 40);
    expect(store.model.violations).toEqual([]);
    await clock.outcome(relay.stop());
  });

  it('is shared when a renewal says so, once', async () => {
    const { relay, clock, store } = rig({ store: { facets: ['sharing'] }, relay: { lingerMs: 60_000 } });
    store.commit(...many(20));
    relay.start();
    await clock.advance(1_000);
    store.model.wanted = true;
    await clock.advance(10_000);
    expect(store.script.calls('handOver')).toBe(1);
    await clock.outcome(relay.stop());
  });

  it('is given back when the hand-over leaves nothing of it', async () => {
    const { relay, clock, store, transport, eventsOf } = rig({
      store: { facets: ['sharing'], partitions: 1 },
      relay: { batch: { messages: 5 } },
    });
    store.commit(...many(20));
    store.model.wanted = true;
    relay.start();
    await clock.until(() => eventsOf('lease-released').length === 1);
    await clock.until(() => transport.stored.length === 20);
    expect(eventsOf('lease-granted').length).toBeGreaterThan(1);
    await clock.outcome(relay.stop());
  });

  it('is given back when the hand-over fails, and the lane waits', async () => {
    const { relay, clock, store, transport, eventsOf } = rig({ store: { facets: ['sharing'] } });
    store.commit(...many(20));
    store.model.wanted = true;
    store.script.next('handOver', { fail: down });
    relay.start();
    await clock.until(() => eventsOf('lease-released').length === 1);
    expect(eventsOf('store-failed')).toMatchObject([{ during: 'hand-over', delayMs: 90 }]);
    await clock.until(() => transport.stored.length === 20);
    await clock.outcome(relay.stop());
  });

  it('goes on where the store cannot share', async () => {
    const { relay, clock, store, transport, eventsOf } = rig({ relay: { batch: { messages: 5 } } });
    store.commit(...many(20));
    store.model.wanted = true;
    relay.start();
    await clock.until(() => transport.stored.length === 20);
    expect(eventsOf('lease-granted')).toHaveLength(1);
    await clock.outcome(relay.stop());
  });

  it('wakes the lanes of the same relay: they may be the ones who wait', async () => {
    const { relay, clock, store, transport } = rig({
      store: { facets: ['sharing'] },
      transport: { takesMs: 200 },
      relay: { lanes: 2, batch: { messages: 5 }, poll: { minMs: 10_000, maxMs: 10_000 } },
    });
    store.commit(...many(400));
    relay.start();
    await clock.until(() => store.script.calls('claim') === 2);
    store.model.wanted = true;
    await clock.until(() => store.script.calls('handOver') === 1);
    await clock.advance(3);
    expect(store.script.calls('claim')).toBe(3);
    await clock.until(() => transport.mostAtOnce === 2);
    await clock.outcome(relay.stop());
  });
});

describe('a lease that is kept', () => {
  it('takes what has become free every second (R6.5)', async () => {
    const { relay, clock, store } = rig({ store: { facets: ['sharing'] }, relay: { lingerMs: 60_000 } });
    store.commit(...many(20));
    relay.start();
    await clock.advance(10_500);
    expect(store.script.calls('widen')).toBeGreaterThanOrEqual(8);
    expect(store.script.calls('widen')).toBeLessThanOrEqual(10);
    await clock.outcome(relay.stop());
  });

  it('is kept although it cannot be widened', async () => {
    const { relay, clock, store, eventsOf } = rig({
      store: { facets: ['sharing'] },
      relay: { lingerMs: 60_000 },
    });
    store.commit(...many(20));
    store.script.always('widen', { fail: down });
    relay.start();
    await clock.advance(5_000);
    expect(store.script.calls('claim')).toBe(1);
    expect(eventsOf('store-failed').every(({ during }) => during === 'widen')).toBe(true);
    await clock.outcome(relay.stop());
  });

  it('does not lose a wake-up that comes while it reads (R6.3)', async () => {
    const { relay, clock, store, transport } = rig({
      store: { facets: ['sharing'] },
      relay: { lingerMs: 60_000 },
    });
    store.commit(newMessage());
    relay.start();
    await clock.advance(10_000);
    const reads = store.script.calls('read');
    // The message comes when the read has looked and its reply is on the way.
    store.script.always('read', { replyMs: 1 });
    await clock.until(() => store.script.calls('read') > reads);
    await clock.advance(1);
    store.commit(newMessage());
    relay.wake();
    const begin = clock.monotonicMs();
    await clock.until(() => transport.stored.length === 2);
    expect(clock.monotonicMs() - begin).toBeLessThan(6);
    await clock.outcome(relay.stop());
  });

  it('is left as soon as a renewal finds it lost, and that is told', async () => {
    const { relay, clock, store, eventsOf } = rig({
      store: { facets: ['sharing'] },
      relay: { lingerMs: 60_000 },
    });
    store.commit(newMessage());
    relay.start();
    await clock.advance(1_000);
    store.model.takeAway();
    await clock.until(() => eventsOf('lease-lost').length === 1);
    expect(eventsOf('lease-lost')).toEqual([{ type: 'lease-lost', lane: 0, unsettled: 0 }]);
    await clock.outcome(relay.stop());
    expect(eventsOf('lease-lost')).toHaveLength(1);
  });
});
