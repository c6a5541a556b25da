import { AssertionError } from 'node:assert/strict';
import {
  ALL_TOPICS,
  type ClaimedMessage,
  guardStore,
  type Mode,
  type NewMessage,
  type OutboxStore,
  type TopicFilter,
} from '@outrelay/core';
import type { OpenRequest, StoreHarness, StoreInstallation } from '../harness/store-harness.ts';
import type { StorePowers } from '../harness/store-powers.ts';
import { manifestDifferences } from '../manifest.ts';
import { OpenTransaction } from './application.ts';
import { holds, same } from './assertions.ts';
import { eventually, never, turns } from './eventually.ts';
import { type ClaimTerms, HeldLease } from './held-lease.ts';
import { MessageMaker } from './messages.ts';
import type { SeededRandom } from './random.ts';
import type { Trace } from './trace.ts';

/** Leases that end only when a clause lets time pass. */
const LEASE_MS = 30_000;
/** The same where the suite can only wait. */
const WAITED_LEASE_MS = 2_000;
/** Claims that may yield nothing before a drain ends; S3.4 is the clause that minds. */
const EMPTY_CLAIMS = 3;
/** Times that one id may be yielded to a drain: a store may keep several messages of one id, but not many. */
const MAX_YIELDS = 5;
/** Claims of one clause after which it is plain that it goes round in circles. */
const MAX_CLAIMS = 2_000;
/** Claims after which timers run: a store in memory would else starve the watchdog. */
const CLAIMS_PER_TURN = 50;

/** Who claims, as far as a clause cares. */
export type ClaimWishes = Partial<ClaimTerms>;

/** What the proof of a store clause works with: an installation of its own, its stores and the application. */
export class StoreBench {
  readonly harness: StoreHarness;
  readonly installation: StoreInstallation;
  readonly random: SeededRandom;
  readonly make: MessageMaker;
  readonly trace: Trace;
  /** Length of leases, in milliseconds of the database's clock. */
  readonly leaseMs: number;
  readonly patienceMs: number;
  readonly #opened: OutboxStore[] = [];
  readonly #transactions: OpenTransaction[] = [];
  #store: OutboxStore | undefined;
  #raw: OutboxStore | undefined;
  #claims = 0;

  constructor(harness: StoreHarness, installation: StoreInstallation, random: SeededRandom, trace: Trace) {
    this.harness = harness;
    this.installation = installation;
    this.random = random;
    this.make = new MessageMaker(random);
    this.trace = trace;
    this.leaseMs = installation.elapse === undefined ? WAITED_LEASE_MS : LEASE_MS;
    this.patienceMs = harness.waits?.patienceMs ?? 10_000;
  }

  /** Makes the installation and its first store, and holds the store to the manifest of the harness. */
  static async open(
    harness: StoreHarness,
    request: OpenRequest,
    random: SeededRandom,
    trace: Trace,
  ): Promise<StoreBench> {
    const installation = await harness.open(request);
    const bench = new StoreBench(harness, installation, random, trace);
    bench.#store = await bench.connect();
    const differences = manifestDifferences('store', harness, bench.store);
    same(differences, [], 'the manifest of the store');
    return bench;
  }

  /** The first store, guarded by core as in every application. */
  get store(): OutboxStore {
    return this.#store as OutboxStore;
  }

  /** The first store without the guard, for duties that the guard would hide. */
  get raw(): OutboxStore {
    return this.#raw as OutboxStore;
  }

  /** Opens one more store on an installation, guarded; closed at the end of the clause. */
  async connect(installation: StoreInstallation = this.installation): Promise<OutboxStore> {
    const raw = await installation.connect();
    this.#raw ??= raw;
    const store = guardStore<unknown, Mode, unknown>(raw);
    this.#opened.push(store);
    return this.trace.around(store, 'store');
  }

  /** Opens a transaction of the application; rolled back at the end of the clause unless it has ended. */
  async begin(
    options: { store?: OutboxStore; installation?: StoreInstallation } = {},
  ): Promise<OpenTransaction> {
    const { store = this.store, installation = this.installation } = options;
    const transaction = new OpenTransaction(await installation.begin(), store);
    this.#transactions.push(transaction);
    return transaction;
  }

  /**
   * Does something in a transaction; where the database refuses it in favour of another one, runs it again in a new
   * transaction, as an application would. Answers with the transaction it succeeded in, which is still open.
   */
  async untilUncontested<T>(
    transaction: OpenTransaction,
    work: (transaction: OpenTransaction) => Promise<T>,
  ): Promise<{ readonly transaction: OpenTransaction; readonly value: T }> {
    let current = transaction;
    return this.eventually('a transaction to be let through', async () => {
      try {
        return { transaction: current, value: await work(current) };
      } catch (error) {
        if (this.harness.isConflict?.(error) !== true) throw error;
      }
      await current.abandon();
      current = await this.begin();
      return false as const;
    });
  }

  /** Appends messages in one transaction and commits; answers with the messages. */
  async append(...messages: readonly NewMessage[]): Promise<readonly NewMessage[]> {
    const transaction = await this.begin();
    const { duplicates } = await transaction.append(...messages);
    same(duplicates, [], 'duplicates reported for fresh ids');
    await transaction.commit();
    return messages;
  }

  /** Appends one fresh message and commits. */
  async appendOne(fields: Partial<NewMessage> = {}): Promise<NewMessage> {
    const message = this.make.stored(fields);
    await this.append(message);
    return message;
  }

  /** Appends so many fresh messages in one transaction and commits. */
  async appendMany(count: number, fields: Partial<NewMessage> = {}): Promise<readonly NewMessage[]> {
    return this.append(...this.make.many(count, fields));
  }

  /** Claims as a relay would; `null` when the store has nothing. */
  async claim(wishes: ClaimWishes = {}): Promise<HeldLease | null> {
    if (++this.#claims > MAX_CLAIMS) {
      throw new AssertionError({
        message: `the clause claimed ${MAX_CLAIMS} times: does what was settled come back?`,
      });
    }
    if (this.#claims % CLAIMS_PER_TURN === 0) await turns(1);
    return HeldLease.claim({
      store: this.store,
      relay: 'relay-1',
      leaseMs: this.leaseMs,
      topics: ALL_TOPICS,
      token: this.random.hex(32),
      ...wishes,
    });
  }

  /** Claims what must be there. */
  async hold(wishes: ClaimWishes = {}): Promise<HeldLease> {
    const held = await this.claim(wishes);
    holds(held !== null, 'claim answered null although messages were due and nobody held them');
    return held;
  }

  /** Claims and reads everything due, once. */
  async holdAndRead(
    wishes: ClaimWishes = {},
  ): Promise<{ held: HeldLease; messages: readonly ClaimedMessage[] }> {
    const held = await this.hold(wishes);
    return { held, messages: await held.read() };
  }

  /** Claims, reads and accepts until nothing is due; answers with the messages in the order they were yielded. */
  async drain(wishes: ClaimWishes = {}): Promise<ClaimedMessage[]> {
    const drained: ClaimedMessage[] = [];
    const seen = new Map<string, number>();
    for (let empty = 0; empty < EMPTY_CLAIMS; empty++) {
      const held = await this.claim({ relay: 'drain', ...wishes });
      if (held === null) break;
      for (let messages = await held.read(); messages.length > 0; messages = await held.read()) {
        empty = 0;
        drained.push(...messages);
        const { settled } = await held.accept(messages);
        same(settled, messages.length, 'messages settled as accepted by a drain');
        const again = messages.find(({ id }) => (seen.get(id) ?? 0) >= MAX_YIELDS);
        holds(again === undefined, `${again?.id} is yielded again and again although it was accepted`);
        for (const { id } of messages) seen.set(id, (seen.get(id) ?? 0) + 1);
      }
      await held.release();
    }
    return drained;
  }

  /** What a relay would get now; everything is given back, uncharged. */
  async available(wishes: ClaimWishes = {}): Promise<ClaimedMessage[]> {
    const taken: { held: HeldLease; messages: readonly ClaimedMessage[] }[] = [];
    const seen = new Map<string, number>();
    for (let empty = 0; empty < EMPTY_CLAIMS; ) {
      const held = await this.claim({ relay: 'look', ...wishes });
      if (held === null) break;
      const messages = await held.read();
      if (messages.length === 0) empty++;
      for (const { id } of messages) {
        const times = (seen.get(id) ?? 0) + 1;
        seen.set(id, times);
        holds(times <= MAX_YIELDS, `${id} is yielded to each of ${times} leases that are all held (S3.5)`);
      }
      taken.push({ held, messages });
    }
    for (const { held, messages } of taken) {
      if (messages.length > 0) await held.giveBack(messages);
      await held.release();
    }
    return taken.flatMap(({ messages }) => messages);
  }

  /** Lets the database's clock go on by `ms`. */
  async elapse(ms: number): Promise<void> {
    this.trace.note(`${ms} ms pass`);
    if (this.installation.elapse !== undefined) return this.installation.elapse(ms);
    await new Promise((resolve) => setTimeout(resolve, ms));
  }

  /** The time by the database's clock. */
  async now(): Promise<Date> {
    return (await this.installation.now?.()) ?? new Date();
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
  power<P extends keyof StorePowers>(name: P): NonNullable<StorePowers[P]> {
    const power = this.harness.powers?.[name];
    if (power === undefined) throw new AssertionError({ message: `the harness lacks the power "${name}"` });
    return (typeof power === 'function' ? power.bind(this.harness.powers) : power) as NonNullable<
      StorePowers[P]
    >;
  }

  /** Ends transactions, closes stores, removes the installation. */
  async close(): Promise<void> {
    for (const transaction of this.#transactions) await transaction.abandon();
    const closed = await Promise.allSettled(this.#opened.map((store) => store.close()));
    await this.installation.remove();
    for (const outcome of closed) if (outcome.status === 'rejected') throw outcome.reason;
  }
}

/** Accepts the one topic. */
export function onlyTopic(topic: string): { readonly topics: TopicFilter } {
  return { topics: { kind: 'names', names: [topic], matches: (name) => name === topic } };
}
