import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { pushStore } from '../../src/log/push-store.ts';
import type { Message } from '../../src/message.ts';
import { createRelay, type Relay } from '../../src/relay/relay.ts';
import type { PublishResult } from '../../src/transport.ts';
import { LogModel, loggedStore } from '../support/log-model.ts';
import { many } from '../support/messages.ts';
import { seededRandom } from '../support/scripted-random.ts';
import { ScriptedTransport } from '../support/scripted-transport.ts';
import { StoreModel } from '../support/store-model.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

/*
 * Pushed relays, and now and then a polling one, on one database whose log runs ahead of its readers, is cut, lost and
 * created again, while the broker refuses and disappears. Every course of events follows from its seed.
 */

const MESSAGES = 200;

async function run(seed: number): Promise<void> {
  const random = seededRandom(seed);
  const chance = (probability: number): boolean => random.unit() < probability;
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random.unit() * items.length)] as T;
  const clock = new VirtualClock(0.5);
  const model = new StoreModel(() => clock.monotonicMs(), 8);
  const log = new LogModel(clock, model);
  const delivered: Message[] = [];
  const outcome = (message: Message): PublishResult => {
    const trouble = random.unit();
    const error = new Error('as told');
    if (trouble < 0.04) return { status: 'failed', error };
    delivered.push(message);
    return trouble < 0.05 ? { status: 'unknown', error } : { status: 'accepted' };
  };
  let tokens = 0;
  const transports: ScriptedTransport[] = [];
  const stops: (() => Promise<void>)[] = [];
  const addRelay = (pushed: boolean): Relay => {
    const { store: base } = loggedStore(clock, log);
    const store = pushed
      ? pushStore(base, { clock, sweepMs: pick([20, 200, 1_000]), windowMessages: pick([1, 5, 100]) })
      : base;
    const transport = new ScriptedTransport(clock, { connectivity: true });
    transport.outcome = outcome;
    transports.push(transport);
    const relay = createRelay({
      store,
      routes: { 'a.*': transport, 'b.*': transport },
      clock,
      leaseMs: 2_000,
      publishTimeoutMs: 5_000,
      batch: { messages: pick([1, 7, 50]) },
      retry: { maxAttempts: 1_000, minDelayMs: 10, maxDelayMs: 500 },
      breaker: { failures: 5, minOpenMs: 50, maxOpenMs: 1_000 },
      random: { unit: () => random.unit(), token: () => String(++tokens).padStart(32, '0') },
    });
    relay.start();
    stops.push(async () => {
      await relay.stop();
      await store.close();
    });
    return relay;
  };
  for (let relays = pick([1, 2]); relays > 0; relays--) addRelay(true);
  if (chance(0.3)) addRelay(false);
  const messages = many(MESSAGES, (index) => ({
    id: String(index),
    topic: index % 3 === 0 ? 'a.x' : 'b.x',
    key: index % 4 === 0 ? null : `k${index % 7}`,
  }));
  let appended = 0;
  const append = (count: number): void => {
    const part = messages.slice(appended, appended + count);
    appended += part.length;
    if (part.length > 0) log.commit(part, pick([0, 0, 1, 3, 40]));
  };
  for (let round = 0; round < 80; round++) {
    const trouble = random.unit();
    if (trouble < 0.08) log.cut();
    else if (trouble < 0.12) log.lose();
    else if (trouble < 0.2) log.create();
    else if (trouble < 0.25) model.takeAway(500);
    else if (trouble < 0.3) pick(transports).reachable = false;
    else if (trouble < 0.4) for (const transport of transports) transport.reachable = true;
    else if (trouble < 0.43) addRelay(chance(0.7));
    else if (trouble < 0.46 && stops.length > 1)
      await clock.outcome((stops.shift() as () => Promise<void>)());
    if (chance(0.6)) append(pick([1, 3, 8]));
    await clock.advance(pick([0, 1, 5, 20, 200]));
    // Nobody commits twice for one key before the first is seen: the lock on the key is released with the commit.
    if (log.unseen.size > 0) await clock.until(() => log.unseen.size === 0);
  }
  for (const transport of transports) transport.reachable = true;
  append(MESSAGES);
  log.create();
  await clock.until(() => model.rows.size === 0 && log.unseen.size === 0, 1_000_000);
  await clock.outcome(Promise.all(stops.map((stop) => stop())), 1_000_000);

  expect(model.violations).toEqual([]);
  expect(model.ids('accepted').toSorted()).toEqual(messages.map(({ id }) => id).toSorted());
  const first = [...new Set(delivered.map(({ id }) => id))];
  for (const key of new Set(messages.map((message) => `${message.topic} ${message.key}`))) {
    if (key.endsWith(' null')) continue;
    const order = first
      .map((id) => messages[Number(id)])
      .filter((message) => `${message?.topic} ${message?.key}` === key)
      .map((message) => Number(message?.id));
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  }
}

it('loses nothing and keeps the order of every key, whatever becomes of the log', async () => {
  await fc.assert(fc.asyncProperty(fc.integer(), run), {
    numRuns: Number(process.env['OUTRELAY_CHAOS_RUNS'] ?? 40),
  });
});

it('is refused for a store without a log', () => {
  const clock = new VirtualClock();
  const { scripted } = loggedStore(clock, new LogModel(clock, new StoreModel(() => 0, 1)));
  expect(() => pushStore(scripted)).toThrow('has no log to follow');
});
