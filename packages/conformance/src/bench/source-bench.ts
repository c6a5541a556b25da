import { AssertionError } from 'node:assert/strict';
import {
  guardSource,
  isOutboxError,
  type Message,
  type MessageSource,
  type SourceDelivery,
} from '@outrelay/core';
import type { PlaceRequest, SourceHarness, SourcePlace } from '../harness/source-harness.ts';
import type { GroupRequest, SourcePowers } from '../harness/source-powers.ts';
import { manifestDifferences } from '../manifest.ts';
import { same } from './assertions.ts';
import { eventually } from './eventually.ts';
import { MessageMaker } from './messages.ts';
import type { SeededRandom } from './random.ts';
import type { Trace } from './trace.ts';

const NEVER = new AbortController().signal;
/** Milliseconds that one look at a broker waits. */
const LOOK_MS = 20;

/** What the proof of a source clause works with: a place of a broker, and the sources of its group. */
export class SourceBench {
  readonly harness: SourceHarness;
  readonly place: SourcePlace;
  readonly random: SeededRandom;
  readonly make: MessageMaker;
  readonly trace: Trace;
  readonly #opened: MessageSource[] = [];
  #source: MessageSource | undefined;
  #raw: MessageSource | undefined;

  constructor(harness: SourceHarness, place: SourcePlace, random: SeededRandom, trace: Trace) {
    this.harness = harness;
    this.place = place;
    this.random = random;
    this.make = new MessageMaker(random);
    this.trace = trace;
  }

  /** Makes the place and its first source, and holds the source to the manifest of the harness. */
  static async open(
    harness: SourceHarness,
    request: PlaceRequest,
    random: SeededRandom,
    trace: Trace,
  ): Promise<SourceBench> {
    const bench = new SourceBench(harness, await harness.open(request), random, trace);
    bench.#source = await bench.connect();
    const declared = { capabilities: harness.capabilities, facets: [] };
    same(manifestDifferences('source', declared, bench.source), [], 'the manifest of the source');
    return bench;
  }

  /** The first source, guarded by core as in every consumer. */
  get source(): MessageSource {
    return this.#source as MessageSource;
  }

  /** The first source without the guard, for duties that the guard would hide. */
  get raw(): MessageSource {
    return this.#raw as MessageSource;
  }

  /** Opens one more source of the group, guarded; closed at the end of the clause. */
  async connect(): Promise<MessageSource> {
    const raw = await this.place.connect();
    this.#raw ??= raw;
    return this.#guard(raw);
  }

  /** Opens a source of another group. */
  async connectGroup(group: GroupRequest): Promise<MessageSource> {
    return this.#guard(await this.power('connectGroup')(this.place, group));
  }

  #guard(raw: MessageSource): MessageSource {
    const source = guardSource(raw);
    this.#opened.push(source);
    return this.trace.around(source, 'source');
  }

  /** Publishes so many messages; answers with them. */
  async publish(count: number, fields: Partial<Message> = {}): Promise<readonly Message[]> {
    const messages = Array.from({ length: count }, () => this.make.sent('orders', fields));
    await this.place.publish(messages);
    return messages;
  }

  /** One call of `receive`, which waits for next to nothing. */
  look(source: MessageSource = this.source, limit = 100): Promise<readonly SourceDelivery[]> {
    return source.receive({ limit, waitMs: LOOK_MS }, NEVER);
  }

  /** Receives until so many deliveries have come, over what outages there may be. */
  async take(count: number, source: MessageSource = this.source): Promise<readonly SourceDelivery[]> {
    const found: SourceDelivery[] = [];
    return this.eventually(`${count} deliveries to come`, async () => {
      found.push(...(await this.look(source, Math.max(1, count - found.length)).catch(none)));
      return found.length >= count ? found : undefined;
    });
  }

  /**
   * Everything that comes to a source until nothing has come for longer than a takeover takes: what does not come in
   * that time gives no other sign.
   */
  async drain(source: MessageSource = this.source): Promise<readonly SourceDelivery[]> {
    const found: SourceDelivery[] = [];
    const quietMs = 2 * this.harness.takeoverMs + (this.harness.waits?.quietMs ?? 250);
    let sinceMs = performance.now();
    for (let looks = 0; looks < 5 || performance.now() - sinceMs < quietMs; looks++) {
      const come = await this.look(source);
      if (come.length > 0) [sinceMs, looks] = [performance.now(), 0];
      found.push(...come);
    }
    return found;
  }

  /** Waits for something expected: as long as anything may take, and a takeover besides. */
  eventually<T>(
    what: string,
    look: () => T | undefined | false | Promise<T | undefined | false>,
  ): Promise<T> {
    return eventually(what, this.patienceMs + 2 * this.harness.takeoverMs, look);
  }

  get patienceMs(): number {
    return this.harness.waits?.patienceMs ?? 10_000;
  }

  /** A power that the clause or its case has named as needed. */
  power<P extends keyof SourcePowers>(name: P): NonNullable<SourcePowers[P]> {
    const power = this.harness.powers?.[name];
    if (power === undefined) throw new AssertionError({ message: `the harness lacks the power "${name}"` });
    return (typeof power === 'function' ? power.bind(this.harness.powers) : power) as NonNullable<
      SourcePowers[P]
    >;
  }

  /** Closes sources and removes the place. */
  async close(): Promise<void> {
    const closed = await Promise.allSettled(this.#opened.map((source) => source.close()));
    await this.place.remove();
    for (const outcome of closed) if (outcome.status === 'rejected') throw outcome.reason;
  }
}

/** For `catch` where an unreachable broker is an answer: no deliveries. Every other rejection stays one. */
function none(error: unknown): readonly SourceDelivery[] {
  if (isOutboxError(error) && error.code === 'TRANSPORT_UNAVAILABLE') return [];
  throw error;
}

/** What deliveries hold, by id; what is no message has its reason instead. */
export function idsOf(deliveries: readonly SourceDelivery[]): { readonly id: string }[] {
  return deliveries.map(({ message, undecodable }) => ({ id: message?.id ?? `undecodable: ${undecodable}` }));
}
