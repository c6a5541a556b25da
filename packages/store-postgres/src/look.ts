import type { ClaimedMessage, ReadRequest } from '@outrelay/core';
import { type Candidate, hotKey } from './candidate.ts';
import { Chooser } from './choose.ts';
import type { PgRow } from './client.ts';
import type { Ask, Connections, ScriptRows } from './connections.ts';
import { Delayed, delayedState } from './delayed.ts';
import { contentLook, Fresh, horizonOf } from './fresh.ts';
import type { PgLease } from './lease.ts';
import { text } from './literal.ts';
import { CONTENT_WIDTH, delayedMessage, freshMessage } from './row.ts';
import type { Streams } from './streams.ts';
import type { Tables } from './tables.ts';

/** What one look at the store found. */
export interface Sight {
  readonly messages: readonly ClaimedMessage[];
  /** The message to hand out alone, when some are under suspicion; `messages` is empty then. */
  readonly suspect: Candidate | null;
  /** What has to be written before the next look. */
  readonly upkeep: Upkeep | null;
}

/** Rows that are not where the next look should find them, and facts to record. */
export interface Upkeep {
  /** Partitions in which scheduled messages have to join the chains of their keys. */
  readonly join: readonly number[];
  readonly blocked: readonly Candidate[];
  readonly standing: readonly Candidate[];
  /** By partition: how many messages are about to be yielded, to be remembered in case they end this relay. */
  readonly expected: ReadonlyMap<number, number>;
  /** Partitions in which nothing that was under suspicion is left. */
  readonly cleared: readonly number[];
}

const NO_UPKEEP: Upkeep = { join: [], blocked: [], standing: [], expected: new Map(), cleared: [] };

/** A partition under a lease. */
interface Held {
  readonly number: number;
  readonly losses: number;
  readonly suspectLeft: number;
}

/** Looks for what a read may yield. */
export class Looker {
  readonly #connections: Connections;
  readonly #tables: Tables;
  readonly #streams: Streams;
  readonly #fresh: Fresh;
  readonly #delayed: Delayed;
  readonly #chooser: Chooser;

  constructor(connections: Connections, tables: Tables, streams: Streams) {
    this.#connections = connections;
    this.#tables = tables;
    this.#streams = streams;
    this.#fresh = new Fresh(tables);
    this.#delayed = new Delayed(tables);
    this.#chooser = new Chooser(this.#fresh, this.#delayed, streams);
  }

  #heldSql(token: string, columns: string): string {
    return `SELECT ${columns} FROM ${this.#tables.partitions} AS p WHERE p.token = ${text(token)} AND NOT p.released ORDER BY p.partition_no`;
  }

  /** The statements that every look begins with. */
  #opening({ token }: PgLease, { topics }: ReadRequest): readonly string[] {
    const own = `d.partition_no IN (${this.#heldSql(token, 'p.partition_no')})`;
    return [
      ...this.#streams.preamble(topics),
      this.#heldSql(token, 'p.partition_no, p.losses, p.suspect_left'),
      this.#delayed.state(own),
    ];
  }

  /**
   * The normal case in one round trip: nothing is delayed, nothing suspect, no key fills the read, and no payload is much
   * larger than those before. Answers `undefined` when it takes a choice.
   */
  async first(lease: PgLease, request: ReadRequest): Promise<Sight | undefined> {
    const topics = this.#streams.topics(request.topics);
    const look = contentLook(this.#streams, topics, lease.state.partitions, request);
    const { proven } = this.#streams;
    const opening = this.#opening(lease, request);
    const found = await this.#connections.look([...opening, this.#fresh.content(look)]);
    if (!this.#streams.learn(found.slice(0, -3))) return undefined;
    const { held, state } = situation(found.slice(-3));
    if (state.blocking || state.due || state.joining || held.some(({ suspectLeft }) => suspectLeft > 0)) {
      lease.state.intricate = true;
      return undefined;
    }
    const own = new Set(held.map(({ number }) => number));
    const rows = found.at(-1) ?? [];
    const bytes = rows.map((row) => Number(row[CONTENT_WIDTH]));
    this.#streams.met(bytes);
    if (bytes.some((size) => size > look.small)) return undefined;
    const places = rows.map((row) => ({
      position: Number(row[0]),
      partition: Number(row[1]),
      topic: row[3] as string,
    }));
    const horizon = horizonOf(this.#streams, look, places, proven, rows.length < look.limit);
    const seen = rows.filter((row) => Number(row[0]) <= horizon && own.has(Number(row[1])));
    if (request.messages > 1 && seen.length === request.messages && hotKey(seen, topicOf, keyOf) !== null) {
      lease.state.intricate = true;
      return undefined;
    }
    const messages = seen.map((row) => freshMessage(row, lease.token));
    return {
      messages,
      suspect: null,
      upkeep: upkeepOf({ ...NO_UPKEEP, expected: expectedOf(messages, held) }),
    };
  }

  /** The same with a choice, by several questions on one snapshot. */
  async second(lease: PgLease, request: ReadRequest): Promise<Sight> {
    return this.#connections.lookOn(async (ask) => {
      for (;;) {
        const found = await ask(this.#opening(lease, request));
        if (this.#streams.learn(found.slice(0, -2)))
          return this.#choose(ask, lease, request, found.slice(-2));
      }
    });
  }

  async #choose(ask: Ask, lease: PgLease, request: ReadRequest, found: ScriptRows): Promise<Sight> {
    const { held, state } = situation(found);
    if (state.joining) {
      const join = held.map(({ number }) => number);
      return { messages: [], suspect: null, upkeep: { ...NO_UPKEEP, join } };
    }
    const suspicious = held.filter(({ suspectLeft }) => suspectLeft > 0);
    const topics = this.#streams.topics(request.topics);
    const choose = (limits: ReadRequest, partitions: readonly Held[]): ReturnType<Chooser['choose']> =>
      this.#chooser.choose(ask, {
        limits,
        topics,
        partitions: partitions.map(({ number }) => number),
        state,
        reads: lease.state.reads,
      });
    const cleared: number[] = [];
    if (suspicious.length > 0) {
      const { picked, blocked, standing } = await choose({ ...request, messages: 1 }, suspicious);
      const [suspect] = picked;
      if (suspect !== undefined || blocked.length > 0 || standing.length > 0) {
        const upkeep = upkeepOf({ ...NO_UPKEEP, blocked, standing });
        return { messages: [], suspect: suspect ?? null, upkeep };
      }
      if (request.topics.kind === 'all') cleared.push(...suspicious.map(({ number }) => number));
    }
    const calm = held.filter((partition) => !suspicious.includes(partition));
    const { picked, blocked, standing, hot } = await choose(request, calm);
    const messages = await this.#load(ask, lease.token, picked);
    lease.state.intricate = hot || state.blocking || state.due || suspicious.length > 0;
    const expected = expectedOf(messages, held);
    return {
      messages,
      suspect: null,
      upkeep: upkeepOf({ ...NO_UPKEEP, blocked, standing, expected, cleared }),
    };
  }

  async #load(ask: Ask, token: string, picked: readonly Candidate[]): Promise<readonly ClaimedMessage[]> {
    if (picked.length === 0) return [];
    const positions = (delayed: boolean): number[] =>
      picked.filter((candidate) => candidate.delayed === delayed).map(({ position }) => position);
    const [fresh = [], delayed = []] = await ask([
      this.#fresh.at(positions(false)),
      this.#delayed.at(positions(true)),
    ]);
    const loaded = new Map<number, ClaimedMessage>();
    for (const row of fresh) loaded.set(Number(row[0]), freshMessage(row, token));
    for (const row of delayed) loaded.set(Number(row[0]), delayedMessage(row, token, false));
    return picked.map(({ position }) => loaded.get(position) as ClaimedMessage);
  }
}

/** Reads what the statements about the lease and about delayed rows found. */
function situation([partitions = [], delayed = []]: ScriptRows): {
  held: readonly Held[];
  state: ReturnType<typeof delayedState>;
} {
  const held = partitions.map(([number, losses, suspectLeft]): Held => {
    return { number: Number(number), losses: Number(losses), suspectLeft: Number(suspectLeft) };
  });
  return { held, state: delayedState(delayed) };
}

/** How many messages of each partition that was lost before are about to be yielded. */
function expectedOf(messages: readonly ClaimedMessage[], held: readonly Held[]): ReadonlyMap<number, number> {
  const lost = held.filter(({ losses }) => losses > 0);
  if (lost.length === 0) return NO_UPKEEP.expected;
  const counts = new Map<number, number>();
  for (const { ref } of messages) {
    const { partition } = ref as { partition: number };
    if (lost.some(({ number }) => number === partition))
      counts.set(partition, (counts.get(partition) ?? 0) + 1);
  }
  return counts;
}

function upkeepOf(upkeep: Upkeep): Upkeep | null {
  const { blocked, standing, expected, cleared } = upkeep;
  const idle = blocked.length === 0 && standing.length === 0 && expected.size === 0 && cleared.length === 0;
  return idle ? null : upkeep;
}

const topicOf = (row: PgRow): string => row[3] as string;
const keyOf = (row: PgRow): string | null => row[4] as string | null;
