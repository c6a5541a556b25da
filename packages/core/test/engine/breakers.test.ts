import { describe, expect, it } from 'vitest';
import { OutboxError } from '../../src/errors.ts';
import { ACCEPTED, WITHHELD } from '../../src/transport.ts';
import { many, newMessage } from '../support/messages.ts';
import { rig } from '../support/rig.ts';
import { ScriptedTransport } from '../support/scripted-transport.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const failed = { status: 'failed', error: new Error('busy') } as const;
const reset = new OutboxError('TRANSPORT_UNAVAILABLE', 'connection reset');

describe('R4 Breakers', () => {
  it('a broken topic opens its breaker and others flow', async () => {
    const { relay, clock, store, transport, eventsOf } = rig({ relay: { batch: { messages: 20 } } });
    transport.outcome = ({ topic }) => (topic === 'bad' ? failed : ACCEPTED);
    store.commit(...many(400, (index) => ({ topic: index % 2 === 0 ? 'bad' : 'good' })));
    relay.start();
    await clock.until(() => transport.stored.length === 200, 1_000);
    expect(eventsOf('breaker-opened').map(({ scope }) => scope)).toEqual([
      { transport: 'scripted', topic: 'bad' },
    ]);
    // One batch was charged; the rest of the topic waits untried.
    expect(store.model.ids('retry').length).toBeLessThanOrEqual(20);
    transport.outcome = () => ACCEPTED;
    await clock.until(() => store.model.rows.size === 0);
    await clock.outcome(relay.stop());
  });

  it('an open breaker spends no attempts', async () => {
    const { relay, clock, store, transport, eventsOf } = rig({
      transport: { connectivity: true },
      relay: { lanes: 3, retry: { maxAttempts: 1 } },
    });
    store.commit(...many(50));
    transport.reachable = false;
    relay.start();
    await clock.advance(30 * 60_000);
    expect(store.model.ids('retry')).toEqual([]);
    expect(store.model.ids('dead')).toEqual([]);
    expect(transport.calls.length).toBeLessThan(10);
    transport.reachable = true;
    await clock.until(() => store.model.rows.size === 0, 60_000);
    expect(eventsOf('breaker-closed')).toHaveLength(1);
    expect(store.model.ids('accepted')).toHaveLength(50);
    await clock.outcome(relay.stop());
  });

  it('an open breaker spends no attempts, also when the transport cannot be asked', async () => {
    const { relay, clock, store, transport } = rig({ relay: { retry: { maxAttempts: 1 } } });
    store.commit(...many(50));
    transport.reachable = false;
    relay.start();
    await clock.advance(30 * 60_000);
    expect([store.model.ids('retry'), store.model.ids('dead')]).toEqual([[], []]);
    // After the first batch one message at a time is tried, each time the breaker has waited.
    expect(transport.calls.slice(3).every(({ ids }) => ids.length === 1)).toBe(true);
    transport.reachable = true;
    await clock.until(() => store.model.rows.size === 0, 60_000);
    await clock.outcome(relay.stop());
  });

  it('a message that takes the connection down is charged, and its neighbours are delivered', async () => {
    const { relay, clock, store, transport } = rig({
      transport: { connectivity: true },
      relay: { retry: { maxAttempts: 3, minDelayMs: 100 } },
    });
    const publish = transport.publish.bind(transport);
    transport.publish = async (messages, signal) => {
      if (messages.some(({ id }) => id === 'killer')) throw reset;
      return publish(messages, signal);
    };
    store.commit(newMessage({ id: 'killer' }), ...many(20));
    relay.start();
    await clock.until(() => store.model.rows.size === 0);
    expect(store.model.ids('accepted')).toHaveLength(20);
    expect(store.model.ids('dead')).toEqual(['killer']);
    expect(new Set(store.model.ids('retry'))).toEqual(new Set(['killer']));
    await clock.outcome(relay.stop());
  });

  it('one transport that is down leaves the topics of others alone, with several lanes', async () => {
    const clock = new VirtualClock();
    const up = new ScriptedTransport(clock, { name: 'up' });
    const away = new ScriptedTransport(clock, { name: 'away', connectivity: true });
    const { relay, store, eventsOf } = rig({
      clock,
      store: { partitions: 64, facets: ['sharing', 'wakeups'] },
      relay: { lanes: 3, batch: { messages: 10 }, routes: { 'up.*': up, 'away.*': away } },
    });
    store.model.partitionsPerLease = 24;
    away.reachable = false;
    store.commit(
      ...many(600, (index) => ({ topic: index % 2 === 0 ? `up.${index % 5}` : `away.${index % 5}` })),
    );
    relay.start();
    await clock.until(() => up.stored.length === 300, 2_000);
    await clock.advance(60_000);
    expect(store.model.ids('retry')).toEqual([]);
    away.reachable = true;
    await clock.until(() => store.model.rows.size === 0, 60_000);
    expect(eventsOf('breaker-closed')).toHaveLength(1);
    expect(store.model.violations).toEqual([]);
    await clock.outcome(relay.stop());
  });

  it('tries a topic with one message at a time, also with several lanes', async () => {
    const { relay, clock, store, transport } = rig({
      store: { partitions: 64 },
      transport: { takesMs: 20 },
      relay: {
        lanes: 3,
        breaker: { failures: 5 },
        retry: { minDelayMs: 50, maxDelayMs: 50, maxAttempts: 1_000 },
      },
    });
    store.model.partitionsPerLease = 16;
    let trials = 0;
    let most = 0;
    transport.outcome = ({ topic }) => (topic === 'bad' ? failed : ACCEPTED);
    const publish = transport.publish.bind(transport);
    transport.publish = async (messages, signal) => {
      const mine = messages.filter(({ topic }) => topic === 'bad').length;
      trials += mine;
      most = Math.max(most, trials);
      const results = await publish(messages, signal);
      trials -= mine;
      return results;
    };
    store.commit(...many(100, (index) => ({ topic: index % 2 === 0 ? 'bad' : 'good' })));
    relay.start();
    await clock.advance(10_000);
    most = 0;
    await clock.advance(120_000);
    expect(most).toBe(1);
    transport.outcome = () => ACCEPTED;
    await clock.until(() => store.model.rows.size === 0, 120_000);
    await clock.outcome(relay.stop());
  });

  it('a transport that withholds everything for ever is reported and bounded', async () => {
    const { relay, clock, store, transport, eventsOf } = rig({ relay: { retry: { maxAttempts: 3 } } });
    transport.publish = async (messages) => messages.map(() => WITHHELD);
    store.commit(newMessage({ id: 'm' }));
    relay.start();
    await clock.until(() => store.model.rows.size === 0);
    expect(eventsOf('message-dead')).toMatchObject([
      { reason: 'attempts-exhausted', error: expect.stringContaining('T3.3') },
    ]);
    await clock.outcome(relay.stop());
  });
});
