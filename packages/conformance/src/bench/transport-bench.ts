import { AssertionError } from 'node:assert/strict';
import {
  guardTransport,
  isOutboxError,
  type Message,
  type PublishResult,
  type Transport,
} from '@outrelay/core';
import type { BrokerAccess, ReceivedMessage, TransportHarness } from '../harness/transport-harness.ts';
import type { TransportPowers } from '../harness/transport-powers.ts';
import { manifestDifferences } from '../manifest.ts';
import { same } from './assertions.ts';
import { eventually, never } from './eventually.ts';
import { MessageMaker } from './messages.ts';
import type { SeededRandom } from './random.ts';
import type { Trace } from './trace.ts';

/** What the proof of a transport clause works with: a broker with destinations of its own, and its transports. */
export class TransportBench {
  readonly harness: TransportHarness;
  readonly broker: BrokerAccess;
  readonly random: SeededRandom;
  readonly make: MessageMaker;
  readonly trace: Trace;
  readonly patienceMs: number;
  readonly #opened: Transport[] = [];
  #transport: Transport | undefined;
  #raw: Transport | undefined;
  #destinations = 0;

  constructor(harness: TransportHarness, broker: BrokerAccess, random: SeededRandom, trace: Trace) {
    this.harness = harness;
    this.broker = broker;
    this.random = random;
    this.make = new MessageMaker(random);
    this.trace = trace;
    this.patienceMs = harness.waits?.patienceMs ?? 10_000;
  }

  /** Makes the place and its first transport, and holds the transport to the manifest of the harness. */
  static async open(harness: TransportHarness, random: SeededRandom, trace: Trace): Promise<TransportBench> {
    const bench = new TransportBench(harness, await harness.open(), random, trace);
    bench.#transport = await bench.connect();
    same(manifestDifferences('transport', harness, bench.transport), [], 'the manifest of the transport');
    return bench;
  }

  /** The first transport, guarded by core as in every relay. */
  get transport(): Transport {
    return this.#transport as Transport;
  }

  /** The first transport without the guard, for duties that the guard would hide. */
  get raw(): Transport {
    return this.#raw as Transport;
  }

  /** Opens one more transport, guarded; closed at the end of the clause. */
  async connect(): Promise<Transport> {
    const raw = await this.broker.connect();
    this.#raw ??= raw;
    const transport = guardTransport(raw);
    this.#opened.push(transport);
    return this.trace.around(transport, 'transport');
  }

  /** A topic of its own, with a destination. */
  topic(label = 'orders'): Promise<string> {
    return this.broker.destination(`${label}.${++this.#destinations}`);
  }

  /** So many messages for a topic. */
  many(count: number, topic: string, fields: Partial<Message> = {}): Message[] {
    return Array.from({ length: count }, () => this.make.sent(topic, fields));
  }

  /** Publishes as a relay would. */
  publish(
    messages: readonly Message[],
    signal: AbortSignal = new AbortController().signal,
  ): Promise<readonly PublishResult[]> {
    return this.transport.publish(messages, signal);
  }

  /** Publishes what must be taken. */
  async accept(messages: readonly Message[]): Promise<void> {
    const results = await this.publish(messages);
    same(statuses(results), Array<string>(messages.length).fill('accepted'), 'results of healthy messages');
  }

  /** Waits until the broker holds at least `count` messages, then answers with all it holds. */
  received(count: number): Promise<readonly ReceivedMessage[]> {
    return this.eventually(`${count} messages to arrive at the broker`, async () => {
      const messages = await this.broker.received();
      return messages.length >= count ? messages : undefined;
    });
  }

  eventually<T>(
    what: string,
    look: () => T | undefined | false | Promise<T | undefined | false>,
  ): Promise<T> {
    return eventually(what, this.patienceMs, look);
  }

  never(happened: () => string | undefined): Promise<void> {
    return never(this.harness.waits?.quietMs ?? 250, happened);
  }

  /** A power that the clause or its case has named as needed. */
  power<P extends keyof TransportPowers>(name: P): NonNullable<TransportPowers[P]> {
    const power = this.harness.powers?.[name];
    if (power === undefined) throw new AssertionError({ message: `the harness lacks the power "${name}"` });
    return (typeof power === 'function' ? power.bind(this.harness.powers) : power) as NonNullable<
      TransportPowers[P]
    >;
  }

  /** Closes transports and removes the place. */
  async close(): Promise<void> {
    const closed = await Promise.allSettled(this.#opened.map((transport) => transport.close()));
    await this.broker.remove();
    for (const outcome of closed) if (outcome.status === 'rejected') throw outcome.reason;
  }
}

/** The statuses of results, for comparison. */
export function statuses(results: readonly PublishResult[]): string[] {
  return results.map(({ status }) => status);
}

/** For `catch` where an unreachable broker is an answer: no results. Every other rejection stays one. */
export function unavailable(error: unknown): readonly PublishResult[] {
  if (isOutboxError(error) && error.code === 'TRANSPORT_UNAVAILABLE') return [];
  throw error;
}
