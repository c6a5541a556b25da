import { describe, expect, it } from 'vitest';
import { payloadBytes } from '../../src/message.ts';
import { ACCEPTED } from '../../src/transport.ts';
import { many, newMessage } from '../support/messages.ts';
import { rig } from '../support/rig.ts';

const sum = (numbers: readonly number[]): number => numbers.reduce((total, next) => total + next, 0);
const failed = { status: 'failed', error: new Error('busy') } as const;

describe('R1 Delivery', () => {
  it('each message accepted once and settled once', async () => {
    const { relay, clock, store, transport } = rig({
      store: { partitions: 64, facets: ['sharing', 'wakeups'] },
      relay: { lanes: 3, batch: { messages: 20 } },
    });
    store.model.partitionsPerLease = 24;
    const messages = many(2_000, (index) => ({ key: index % 3 === 0 ? null : `k${index % 50}` }));
    store.commit(...messages);
    relay.start();
    await clock.until(() => store.model.rows.size === 0);
    const ids = messages.map(({ id }) => id).toSorted();
    expect(transport.storedIds.toSorted()).toEqual(ids);
    expect(store.model.ids('accepted').toSorted()).toEqual(ids);
    expect(store.model.recorded).toHaveLength(2_000);
    expect(store.model.violations).toEqual([]);
    await clock.outcome(relay.stop());
  });

  it('a partial batch settles its prefix', async () => {
    const { relay, clock, store, transport } = rig();
    transport.outcome = ({ id }) => (id === 'c' ? failed : ACCEPTED);
    store.commit(...['a', 'b', 'c', 'd', 'e'].map((id) => newMessage({ id, key: 'k' })));
    relay.start();
    await clock.until(() => store.model.recorded.length === 5);
    expect(store.model.recorded.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual([
      'a accepted',
      'b accepted',
      'c retry',
      'd returned',
      'e returned',
    ]);
    await clock.outcome(relay.stop());
  });

  it('unknown is retried with the same id', async () => {
    const { relay, clock, store, transport } = rig();
    const given: string[] = [];
    transport.outcome = ({ id, deduplicationId }) => {
      given.push(`${id} ${deduplicationId}`);
      return given.length === 1 ? { status: 'unknown', error: new Error('no answer') } : ACCEPTED;
    };
    store.commit(newMessage({ id: 'm' }));
    relay.start();
    await clock.until(() => store.model.rows.size === 0);
    expect(given).toEqual(['m m', 'm m']);
    await clock.outcome(relay.stop());
  });

  it('exactly one terminal event per message', async () => {
    const { relay, clock, store, transport, eventsOf } = rig({ relay: { retry: { maxAttempts: 2 } } });
    transport.outcome = ({ topic }) => {
      if (topic === 'bad') return { status: 'rejected', error: new Error('no') };
      return topic === 'busy' ? failed : ACCEPTED;
    };
    const lost = new Error('reply lost');
    store.script.next('settle', { loseReply: lost }, { fail: lost }, {}, { loseReply: lost });
    store.commit(
      ...many(30, (index) => ({ id: `m${index}`, topic: ['fine', 'bad', 'busy'][index % 3] as string })),
    );
    relay.start();
    await clock.until(() => store.model.rows.size === 0);
    const ended = [
      ...eventsOf('batch-settled').flatMap(({ accepted }) => accepted.map(({ id }) => id)),
      ...eventsOf('message-dead').map(({ message }) => message.id),
    ];
    expect(ended.toSorted()).toEqual(Array.from({ length: 30 }, (_, index) => `m${index}`).toSorted());
    expect(eventsOf('message-retry')).toHaveLength(10);
    await clock.outcome(relay.stop());
  });
});

describe('R2 Order', () => {
  it('keys in parallel, one key serial', async () => {
    const { relay, clock, store, transport } = rig({
      store: { partitions: 64 },
      transport: { takesMs: 20 },
      relay: { lanes: 4, batch: { messages: 5 } },
    });
    store.model.partitionsPerLease = 4;
    const keys = Array.from({ length: 40 }, (_, index) => `k${index}`);
    store.commit(...many(400, (index) => ({ id: String(index), key: keys[index % 40] as string })));
    // The broker itself finds out when two calls with one key are under way.
    const underWay = new Set<string>();
    const overlaps: string[] = [];
    const publish = transport.publish.bind(transport);
    transport.publish = async (messages, signal) => {
      const mine = new Set(messages.map(({ key }) => key as string));
      for (const key of mine) if (underWay.has(key)) overlaps.push(key);
      for (const key of mine) underWay.add(key);
      const results = await publish(messages, signal);
      for (const key of mine) underWay.delete(key);
      return results;
    };
    relay.start();
    await clock.until(() => store.model.rows.size === 0);
    expect(overlaps).toEqual([]);
    expect(transport.mostAtOnce).toBe(4);
    for (const key of keys) {
      const order = transport.stored.filter((message) => message.key === key).map(({ id }) => Number(id));
      expect(order).toEqual(order.toSorted((a, b) => a - b));
    }
    await clock.outcome(relay.stop());
  });

  it('a failed head holds its key only', async () => {
    const { relay, clock, store, transport } = rig({
      relay: { retry: { minDelayMs: 10_000, jitter: 0 }, breaker: { failures: 100 } },
    });
    let tries = 0;
    transport.outcome = ({ id }) => (id === 'a1' && ++tries <= 2 ? failed : ACCEPTED);
    store.commit(...['a1', 'b1', 'a2', 'b2', 'a3'].map((id) => newMessage({ id, key: id.charAt(0) })));
    relay.start();
    await clock.advance(9_000);
    expect(transport.storedIds).toEqual(['b1', 'b2']);
    store.commit(newMessage({ id: 'b3', key: 'b' }), newMessage({ id: 'a4', key: 'a' }));
    await clock.until(() => store.model.rows.size === 0);
    expect(transport.storedIds).toEqual(['b1', 'b2', 'b3', 'a1', 'a2', 'a3', 'a4']);
    await clock.outcome(relay.stop());
  });

  it('a dead letter holds its key only when the topic says so (R2.4)', async () => {
    const { relay, clock, store, transport } = rig({ relay: { topics: { strict: { onDead: 'block' } } } });
    transport.outcome = ({ id }) =>
      id.endsWith('1') ? { status: 'rejected', error: new Error('no') } : ACCEPTED;
    store.commit(
      ...['strict', 'plain'].flatMap((topic) =>
        [1, 2].map((n) => newMessage({ id: `${topic}${n}`, topic, key: 'k' })),
      ),
    );
    relay.start();
    await clock.advance(60_000);
    expect(transport.storedIds).toEqual(['plain2']);
    expect([...store.model.rows.keys()]).toEqual(['strict1', 'strict2']);
    await clock.outcome(relay.stop());
  });
});

describe('R6 Pace', () => {
  it('drains without sleeping', async () => {
    const { relay, clock, store } = rig({ relay: { batch: { messages: 10 } } });
    store.commit(...many(1_000));
    relay.start();
    await clock.until(() => store.model.rows.size === 0);
    expect(clock.monotonicMs()).toBe(1 + 100 * 3);
    await clock.outcome(relay.stop());
  });

  it('concurrency, batch and byte limits', async () => {
    const { relay, clock, store, transport } = rig({
      store: { partitions: 64 },
      transport: { takesMs: 50, limits: { maxMessages: 4 } },
      relay: { lanes: 2, batch: { messages: 10, bytes: 60 } },
    });
    store.model.partitionsPerLease = 8;
    const reads: { messages: number; bytes: number }[] = [];
    const read = store.read.bind(store);
    store.read = async (lease, request) => {
      const messages = await read(lease, request);
      reads.push({
        messages: messages.length,
        bytes: sum(messages.map(({ payload }) => payloadBytes(payload))),
      });
      return messages;
    };
    store.commit(...many(300, (index) => ({ payload: 'x'.repeat(index % 2 === 0 ? 1 : 15) })));
    relay.start();
    await clock.until(() => store.model.rows.size === 0);
    expect(transport.mostAtOnce).toBe(2);
    expect(Math.max(...reads.map(({ messages }) => messages))).toBeLessThanOrEqual(10);
    expect(Math.max(...reads.map(({ bytes }) => bytes))).toBeLessThanOrEqual(60);
    expect(sum(reads.map(({ messages }) => messages))).toBe(300);
    expect(Math.max(...transport.calls.map(({ ids }) => ids.length))).toBe(4);
    await clock.outcome(relay.stop());
  });

  it('idle backs off and a wake-up before the wait is not lost', async () => {
    const { relay, clock, store, transport } = rig({ store: { facets: ['wakeups'] } });
    relay.start();
    await clock.advance(60_000);
    const claims = store.script.calls('claim');
    await clock.advance(1_000);
    expect(store.script.calls('claim') - claims).toBeLessThanOrEqual(5);
    // The claim that is under way has looked already when the message is committed: only the hint tells of it.
    store.script.always('claim', { takesMs: 0, replyMs: 100 });
    await clock.until(() => store.script.calls('claim') > claims + 5);
    await clock.advance(50);
    store.commit(newMessage());
    const begin = clock.monotonicMs();
    await clock.until(() => transport.stored.length === 1);
    expect(clock.monotonicMs() - begin).toBeLessThan(160);
    await clock.outcome(relay.stop());
  });

  it('a hot key does not starve others', async () => {
    const { relay, clock, store, transport } = rig({ relay: { batch: { messages: 50 } } });
    store.commit(...many(500, () => ({ key: 'hot' })));
    const publish = transport.publish.bind(transport);
    transport.publish = async (messages, signal) => {
      // Whatever is delivered of the hot key, as much comes after.
      store.commit(...many(messages.length, () => ({ key: 'hot' })));
      return publish(messages, signal);
    };
    relay.start();
    await clock.advance(100);
    store.commit(newMessage({ id: 'other', key: 'other' }));
    const calls = transport.calls.length;
    await clock.until(() => transport.storedIds.includes('other'));
    expect(transport.calls.length - calls).toBeLessThan(15);
    await clock.outcome(relay.stop());
  });

  it('a retry storm does not starve fresh messages', async () => {
    const { relay, clock, store, transport } = rig({
      relay: { batch: { messages: 50 }, retry: { minDelayMs: 100, maxDelayMs: 1_000 } },
    });
    transport.outcome = ({ topic }) => (topic === 'storm' ? failed : ACCEPTED);
    store.commit(...many(2_000, () => ({ topic: 'storm' })));
    relay.start();
    await clock.advance(5_000);
    for (let round = 0; round < 20; round++) {
      store.commit(newMessage({ id: `fresh${round}` }));
      const begin = clock.monotonicMs();
      await clock.until(() => transport.storedIds.includes(`fresh${round}`));
      expect(clock.monotonicMs() - begin).toBeLessThan(500);
      await clock.advance(500);
    }
    await clock.outcome(relay.stop());
  });
});
