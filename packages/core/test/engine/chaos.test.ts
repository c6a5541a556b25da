import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { OutboxError } from '../../src/errors.ts';
import type { Message } from '../../src/message.ts';
import { createRelay, type Relay } from '../../src/relay/relay.ts';
import type { PublishResult, Transport } from '../../src/transport.ts';
import { many } from '../support/messages.ts';
import { seededRandom } from '../support/scripted-random.ts';
import { ScriptedStore, type StoreVerb } from '../support/scripted-store.ts';
import { ScriptedTransport } from '../support/scripted-transport.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

/*
 * Relays that share one database while calls fail, hang, lose their replies and take their time, the broker refuses
 * and disappears, leases are taken away, processes get stuck and die. Every course of events follows from its seed.
 */

const STEPS: readonly StoreVerb[] = ['claim', 'read', 'settle', 'renew', 'release', 'handOver', 'widen'];
const LEASE_MS = 2_000;

class Chaos {
  readonly clock: VirtualClock = new VirtualClock(0.5);
  readonly #random: ReturnType<typeof seededRandom>;
  readonly #stores: ScriptedStore[] = [];
  readonly #transports: ScriptedTransport[] = [];
  readonly relays: Relay[] = [];
  /** Messages as the broker got them, repeats included. */
  readonly delivered: Message[] = [];
  /** What must never happen. */
  readonly violations: string[] = [];
  #tokens = 0;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  get model(): ScriptedStore['model'] {
    return (this.#stores[0] as ScriptedStore).model;
  }

  chance(probability: number): boolean {
    return this.#random.unit() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.#random.unit() * items.length)] as T;
  }

  addRelay(): void {
    const { clock } = this;
    const shared = this.#stores[0]?.model;
    const facets = ['wakeups', 'sharing'] as const;
    const store = new ScriptedStore(clock, {
      ...(shared === undefined ? {} : { model: shared }),
      partitions: 16,
      facets,
    });
    const scripted = new ScriptedTransport(clock, {
      connectivity: true,
      capabilities: { batchOrder: this.pick(['key', 'none']) },
      limits: { maxMessages: this.pick([1, 3, 100]) },
    });
    scripted.outcome = (message) => this.#outcome(message);
    this.#stores.push(store);
    this.#transports.push(scripted);
    const random = this.#random;
    this.relays.push(
      createRelay({
        store,
        transport: this.#watched(scripted),
        clock,
        lanes: this.pick([1, 2, 4]),
        leaseMs: LEASE_MS,
        lingerMs: 500,
        publishTimeoutMs: 5_000,
        batch: { messages: this.pick([1, 7, 50]) },
        retry: { maxAttempts: 1_000, minDelayMs: 10, maxDelayMs: 2_000 },
        breaker: { failures: 5, minOpenMs: 50, maxOpenMs: 1_000 },
        random: { unit: () => random.unit(), token: () => String(++this.#tokens).padStart(32, '0') },
      }),
    );
  }

  /** Something goes wrong somewhere. */
  disturb(): void {
    const store = this.pick(this.#stores);
    const transport = this.pick(this.#transports);
    const error = this.pick([new OutboxError('STORE_UNAVAILABLE', 'down'), new Error('odd')]);
    const troubles = [
      { fail: error },
      { loseReply: error },
      { takesMs: this.pick([100, 1_000, 3_000]) },
      { replyMs: this.pick([100, 1_000, 3_000]) },
      { hang: this.pick(['before', 'after'] as const) },
    ];
    const kind = Math.floor(this.#random.unit() * 10);
    if (kind < 6) store.script.next(this.pick(STEPS), this.pick(troubles));
    else if (kind === 6) transport.script.next('publish', this.pick(troubles));
    else if (kind === 7) transport.reachable = !transport.reachable;
    else if (kind === 8) this.model.wanted = true;
    else this.clock.stall(this.pick([100, 3_000]));
  }

  calm(): void {
    for (const { script } of this.#stores) for (const verb of STEPS) script.normal(verb);
    for (const transport of this.#transports) {
      transport.script.normal('publish');
      transport.reachable = true;
    }
  }

  /** A process ends without a word. */
  kill(): void {
    const index = Math.floor(this.#random.unit() * this.#stores.length);
    this.#stores[index]?.crash();
    this.#transports[index]?.script.always('publish', { hang: 'before' });
  }

  #outcome(message: Message): PublishResult {
    const trouble = this.#random.unit();
    const error = new Error('as told');
    if (trouble < 0.03) return { status: 'failed', error };
    if (trouble < 0.05) {
      this.delivered.push(message);
      return { status: 'unknown', error };
    }
    this.delivered.push(message);
    return trouble < 0.06 ? { status: 'duplicate' } : { status: 'accepted' };
  }

  /** Sees what a broker cannot: under which lease a call begins. */
  #watched(transport: ScriptedTransport): Transport {
    const publish = transport.publish.bind(transport);
    transport.publish = (messages, signal) => {
      for (const { id } of messages) {
        const row = this.model.rows.get(id);
        const holder = row === undefined ? undefined : this.model.holders.get(row.partition);
        if (holder === undefined) this.violations.push(`${id} was published when nobody held it`);
        else if (holder.expiresAtMs <= this.clock.monotonicMs()) {
          this.violations.push(
            `${id} was published ${this.clock.monotonicMs() - holder.expiresAtMs} ms after its lease`,
          );
        }
      }
      return publish(messages, signal);
    };
    return transport;
  }
}

async function run(seed: number): Promise<void> {
  const chaos = new Chaos(seed);
  const relays = chaos.pick([1, 2, 3]);
  for (let index = 0; index < relays; index++) chaos.addRelay();
  const { clock, model } = chaos;
  const messages = many(150, (index) => ({
    id: String(index),
    key: index % 4 === 0 ? null : `k${index % 11}`,
  }));
  for (const relay of chaos.relays) relay.start();
  let appended = 0;
  for (let round = 0; round < 60; round++) {
    if (chaos.chance(0.7)) chaos.disturb();
    if (chaos.chance(0.5)) {
      model.append(messages.slice(appended, appended + 10));
      appended += 10;
    }
    if (relays > 1 && round === 30 && chaos.chance(0.5)) chaos.kill();
    await clock.advance(chaos.pick([1, 20, 200, 1_000]));
  }
  model.append(messages.slice(appended));
  chaos.calm();
  await clock.until(() => model.rows.size === 0, 1_000_000);
  await clock.outcome(Promise.all(chaos.relays.map((relay) => relay.stop())), 1_000_000);

  expect(model.violations).toEqual([]);
  expect(chaos.violations).toEqual([]);
  const settled = model.ids('accepted');
  expect(settled.toSorted()).toEqual(messages.map(({ id }) => id).toSorted());
  expect(new Set(settled).size).toBe(settled.length);
  const first = [...new Set(chaos.delivered.map(({ id }) => id))];
  expect(first.length).toBe(messages.length);
  for (const key of new Set(messages.flatMap((message) => message.key ?? []))) {
    const order = first.filter((id) => messages[Number(id)]?.key === key).map(Number);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  }
  await clock.advance(300_000);
  expect(clock.timers).toBe(0);
}

it('loses nothing, settles once and keeps the order of every key, whatever happens', async () => {
  await fc.assert(fc.asyncProperty(fc.integer(), run), {
    numRuns: Number(process.env['OUTRELAY_CHAOS_RUNS'] ?? 40),
  });
});
