import {
  createInbox,
  createOutbox,
  createRelay,
  type Relay,
  type RelayEvent,
  type RelayOptions,
} from '@outrelay/core';
import { afterEach, describe, expect, it } from 'vitest';
import { type MemoryStore, memoryStore } from '../src/index.ts';
import { type Broker, broker } from './support/broker.ts';
import { until } from './support/until.ts';

/*
 * The relay engine of core on the reference store, under the clock of the process. The same promises are proven
 * sentence by sentence, under a virtual clock, in the tests of core.
 */

const error = new Error('busy');
const relays: Relay[] = [];

function relayOf(store: MemoryStore, { transport }: Broker, options: Partial<RelayOptions> = {}): Relay {
  const relay = createRelay({ store, transport, retry: { minDelayMs: 1, maxDelayMs: 5 }, ...options });
  relays.push(relay);
  return relay;
}

/** Appends messages `from` to `to`, ten to a transaction; their ids are their numbers. */
async function append(
  store: MemoryStore,
  to: number,
  keyOf: (index: number) => string | null,
  from = 0,
): Promise<void> {
  const outbox = createOutbox({ store });
  for (let begin = from; begin < to; begin += 10) {
    await store.transactions?.run(async (tx) => {
      const indexes = Array.from({ length: Math.min(10, to - begin) }, (_, offset) => begin + offset);
      await outbox.append(
        tx,
        indexes.map((index) => ({
          topic: 'order.placed',
          id: String(index),
          key: keyOf(index),
          payload: index,
        })),
      );
    });
  }
}

const numbers = ({ taken }: Broker): number[] => taken.map(({ id }) => Number(id));
const ascending = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b);
const pendingOf = async (store: MemoryStore): Promise<number> => {
  const { topics } = (await store.inspection?.status()) ?? { topics: [] };
  return topics.reduce((total, { pending, waiting }) => total + pending.value + waiting.value, 0);
};

afterEach(async () => {
  await Promise.all(relays.splice(0).map((relay) => relay.stop({ timeoutMs: 0 })));
});

describe('the relay engine on the memory store', () => {
  it('accepts each message once and settles it once, with several relays that share the store', async () => {
    const store = memoryStore();
    const to = broker();
    const accepted: string[] = [];
    const onEvent = (event: RelayEvent): void => {
      if (event.type === 'batch-settled') accepted.push(...event.accepted.map(({ id }) => id));
    };
    await append(store, 2_000, (index) => (index % 5 === 0 ? null : `k${index % 40}`));
    for (let index = 0; index < 3; index++) relayOf(store, to, { batch: { messages: 20 }, onEvent }).start();
    await append(store, 4_000, (index) => (index % 5 === 0 ? null : `k${index % 40}`), 2_000);
    await until(async () => (await pendingOf(store)) === 0);
    const all = Array.from({ length: 4_000 }, (_, index) => index);
    expect(ascending(numbers(to))).toEqual(all);
    expect(ascending(accepted.map(Number))).toEqual(all);
    for (let key = 0; key < 40; key++) {
      const order = to.taken.filter((message) => message.key === `k${key}`).map(({ id }) => Number(id));
      expect(order).toEqual(ascending(order));
    }
  });

  it('drains a backlog and ends', async () => {
    const store = memoryStore();
    const to = broker();
    await append(store, 3_000, (index) => `k${index}`);
    await expect(relayOf(store, to).drain()).resolves.toMatchObject({ ended: 'drained', accepted: 3_000 });
    expect(await pendingOf(store)).toBe(0);
  });

  it('works with several lanes when one does not keep up', async () => {
    const store = memoryStore();
    const to = broker();
    let calls = 0;
    // The first leases show that there is more; from then on a call is answered only beside two others.
    to.answering = async () => {
      if (++calls > 2) await until(() => to.mostAtOnce === 3);
    };
    await append(store, 600, () => null);
    relayOf(store, to, { lanes: 3 }).start();
    await until(async () => (await pendingOf(store)) === 0);
    expect(to.mostAtOnce).toBe(3);
  });

  it('retries what fails until it is taken, order kept', async () => {
    const store = memoryStore();
    const to = broker();
    let calls = 0;
    to.outcome = () => (++calls % 3 === 0 ? { status: 'failed', error } : { status: 'accepted' });
    await append(store, 200, (index) => `k${index % 10}`);
    relayOf(store, to).start();
    await until(async () => (await pendingOf(store)) === 0);
    expect(to.taken).toHaveLength(200);
    for (let key = 0; key < 10; key++) {
      const order = to.taken.filter((message) => message.key === `k${key}`).map(({ id }) => Number(id));
      expect(order).toEqual(ascending(order));
    }
  });

  it('buries what is rejected, and delivers it under a new deduplication id after a redrive', async () => {
    const store = memoryStore();
    const to = broker();
    to.outcome = ({ id }) => (id === '3' ? { status: 'rejected', error } : { status: 'accepted' });
    await append(store, 10, () => 'k');
    relayOf(store, to, { topics: { 'order.*': { onDead: 'block' } } }).start();
    await until(async () => ((await store.recovery?.list())?.letters.length ?? 0) === 1);
    await until(() => to.taken.length === 3);
    to.outcome = () => ({ status: 'accepted' });
    await store.recovery?.redrive({ ids: ['3'] }, 1);
    await until(() => to.taken.length === 10);
    expect(numbers(to)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(to.taken[3]).toMatchObject({ id: '3', deduplicationId: '3#1' });
  });

  it('lag rises while stalled even when nothing is attempted', async () => {
    let offsetMs = 0;
    const store = memoryStore({ now: () => Date.now() + offsetMs });
    const to = broker();
    const lagMs = async (): Promise<number> => (await store.inspection?.status())?.topics[0]?.lagMs ?? 0;
    to.reachable = false;
    const events: string[] = [];
    const relay = relayOf(store, to, {
      breaker: { minOpenMs: 60_000, maxOpenMs: 60_000 },
      onEvent: ({ type }) => events.push(type),
    });
    await append(store, 5, () => null);
    relay.start();
    await until(() => events.includes('breaker-opened'));
    for (const seconds of [10, 100, 1_000]) {
      offsetMs = seconds * 1_000;
      expect(await lagMs()).toBeGreaterThanOrEqual(seconds * 1_000);
      expect(await lagMs()).toBeLessThan(seconds * 1_000 + 20_000);
    }
    expect(events.filter((type) => type === 'message-retry')).toEqual([]);
  });

  it('a hot key does not starve others, nor does a retry storm starve fresh messages', async () => {
    const store = memoryStore();
    const to = broker();
    to.outcome = ({ key }) =>
      key?.startsWith('storm') === true ? { status: 'failed', error } : { status: 'accepted' };
    await append(store, 300, (index) => (index < 200 ? 'hot' : `storm${index}`));
    relayOf(store, to, {
      batch: { messages: 10 },
      breaker: { failures: 1_000_000 },
      retry: { minDelayMs: 1, maxDelayMs: 1, maxAttempts: 1_000_000 },
    }).start();
    let more = 300;
    for (let index = 0; index < 20; index++) {
      await append(store, more + 10, () => 'hot', more);
      more += 10;
      await append(store, more + 1, () => 'fresh', more);
      const awaited = String(more++);
      await until(() => to.taken.some(({ id }) => id === awaited));
    }
    expect(to.taken.filter(({ key }) => key === 'fresh')).toHaveLength(20);
  });

  it('delivers what a relay left behind when its process disappeared', async () => {
    let offsetMs = 0;
    const store = memoryStore({ now: () => performance.now() + offsetMs });
    const gone = broker();
    gone.answering = () => new Promise(() => {});
    const never = new Promise<never>(() => {});
    const process: MemoryStore = { ...store, renew: () => never, settle: () => never, release: () => never };
    await append(store, 20, () => 'k');
    relayOf(process, gone).start();
    await until(() => gone.mostAtOnce === 1);
    const to = broker();
    relayOf(store, to).start();
    offsetMs += 10_000;
    await until(() => to.taken.length === 20);
    expect(numbers(to)).toEqual(Array.from({ length: 20 }, (_, index) => index));
  });

  it('lets the effects of a message happen once, although it is delivered more than once', async () => {
    const store = memoryStore();
    const inbox = createInbox({ store });
    const to = broker();
    const received: string[] = [];
    let calls = 0;
    // The broker takes every message, and is silent about every second one.
    to.outcome = (message) => {
      received.push(message.id);
      return ++calls % 2 === 0 ? { status: 'unknown', error } : { status: 'accepted' };
    };
    await append(store, 50, (index) => `k${index % 5}`);
    relayOf(store, to).start();
    await until(async () => (await pendingOf(store)) === 0);
    expect(received.length).toBeGreaterThan(50);
    let effects = 0;
    for (const id of received) {
      await inbox.receive({ consumer: 'billing', message: { id } }, async () => {
        effects++;
      });
    }
    expect(effects).toBe(50);
  });

  it('gives everything back when it stops, and another relay goes on', async () => {
    const store = memoryStore();
    const to = broker();
    await append(store, 1_000, (index) => `k${index % 20}`);
    const first = relayOf(store, to, { batch: { messages: 10 } });
    first.start();
    await until(() => to.taken.length >= 100);
    await expect(first.stop()).resolves.toEqual({ unsettled: 0 });
    expect((await store.inspection?.status())?.holders).toEqual([]);
    const left = await pendingOf(store);
    expect(to.taken.length + left).toBe(1_000);
    await relayOf(store, to).drain();
    expect(ascending(numbers(to))).toEqual(Array.from({ length: 1_000 }, (_, index) => index));
  });
});
