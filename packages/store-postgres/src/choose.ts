import type { ReadRequest } from '@outrelay/core';
import { type Candidate, candidateOf, type HotKey, hotKey, pick } from './candidate.ts';
import type { Ask } from './connections.ts';
import { type Delayed, type DelayedState, delayedView } from './delayed.ts';
import { type Fresh, freshLook, freshView } from './fresh.ts';
import type { Streams } from './streams.ts';

/** Rows that a look goes through at least when some may be blocked, so that few looks pass many of them. */
const BLOCKED_WINDOW = 1_000;
/** How many times the limit a look goes further for other keys when one key would fill most of a read. */
const OTHER_KEYS_WINDOW = 10;

/** What a read will yield, and what it met that is in the way of the next one. */
export interface Choice {
  /** In order of position. */
  readonly picked: readonly Candidate[];
  /** Fresh messages behind a blocked key. */
  readonly blocked: readonly Candidate[];
  /** Due rows that are not the first of their chain. */
  readonly standing: readonly Candidate[];
  /** Whether one key would have filled most of the read. */
  readonly hot: boolean;
}

/** What a choice depends on besides the tables. */
export interface ChoiceRequest {
  readonly limits: ReadRequest;
  readonly topics: readonly string[];
  readonly partitions: readonly number[];
  readonly state: DelayedState;
  /** How often the lease has been read under. */
  readonly reads: number;
}

/** Chooses among fresh and delayed messages without loading their content, by questions on one snapshot. */
export class Chooser {
  readonly #fresh: Fresh;
  readonly #delayed: Delayed;
  readonly #streams: Streams;

  constructor(fresh: Fresh, delayed: Delayed, streams: Streams) {
    this.#fresh = fresh;
    this.#delayed = delayed;
    this.#streams = streams;
  }

  async choose(ask: Ask, request: ChoiceRequest): Promise<Choice> {
    const { limits, topics, partitions, state, reads } = request;
    const limit = limits.messages;
    const window = state.blocking ? Math.max(limit, BLOCKED_WINDOW) : limit;
    const look = freshLook(this.#streams, topics, partitions, window);
    const { proven } = this.#streams;
    const [fresh, due] = await ask([
      this.#fresh.candidates(look, state.blocking),
      state.due ? this.#delayed.due(look.streams, limit) : 'SELECT WHERE false',
    ]);
    const view = freshView(this.#streams, look, fresh ?? [], proven);
    // Reads of one message take turns, so that neither kind starves the other.
    const half = limit === 1 ? reads % 2 : limit >> 1;
    const quota = Math.max(half, limit - view.open.length);
    const waiting = delayedView(due ?? [], quota);
    const candidates = {
      fresh: view.open,
      delayed: behindNone(waiting.open, view.blocked),
      horizon: view.horizon,
    };
    const picked = pick(candidates, quota, limits);
    const shared = await this.#share(ask, request, picked);
    const taken = new Set(picked.map(({ position }) => position));
    return {
      picked: shared ?? picked,
      blocked: view.blocked,
      // What is yielded must stay as it was when it was yielded: its outcome is recorded for that state.
      standing: waiting.standing.filter(({ position }) => !taken.has(position)),
      hot: shared !== null,
    };
  }

  /** Gives up to half of a full read to other keys when one key would take more; `null` when none does. */
  async #share(
    ask: Ask,
    { limits, topics, partitions }: ChoiceRequest,
    picked: readonly Candidate[],
  ): Promise<readonly Candidate[] | null> {
    const last = picked.at(-1);
    if (last === undefined || picked.length < limits.messages || limits.messages === 1) return null;
    const hot = hotKey(
      picked,
      ({ topic }) => topic,
      ({ key }) => key,
    );
    if (hot === null) return null;
    const isHot = ({ topic, key }: Candidate): boolean => key === hot.key && topic === hot.topic;
    const home = picked.find(isHot)?.partition;
    const spare = picked.filter(isHot).length - (limits.messages >> 1);
    const others = await this.#others(ask, {
      topics,
      partitions,
      hot,
      home,
      after: last.position,
      spare,
      limits,
    });
    // The last ones of the hot key give way, so that what is left of it is still the beginning of its order.
    let surplus = others.length;
    const kept = picked
      .toReversed()
      .filter((candidate) => !(surplus > 0 && isHot(candidate) && surplus-- > 0));
    return withinBytes([...kept.toReversed(), ...others], limits.bytes);
  }

  async #others(
    ask: Ask,
    { topics, partitions, hot, home, after, spare, limits }: Others,
  ): Promise<readonly Candidate[]> {
    const look = freshLook(this.#streams, topics, partitions, limits.messages);
    const fair = Math.ceil((4 * spare) / look.streams.length) + 1;
    // The hot key's own stream is gone through further: the others of its partition stand behind it.
    const isHome = (at: number): boolean =>
      look.streams[at]?.partition === home && look.streams[at]?.topic === hot.topic;
    const beyond = {
      ...look,
      floors: look.floors.map((floor) => Math.max(floor, after)),
      widths: look.widths.map((_, at) => (isHome(at) ? limits.messages * OTHER_KEYS_WINDOW : fair)),
    };
    const [rows] = await ask([this.#fresh.others(beyond, hot, spare)]);
    return (rows ?? []).map((row) => candidateOf(row, false));
  }
}

/**
 * Leaves out what stands behind a blocked fresh message of its key: a scheduled one that has fallen due is a part of the
 * chain at once, the fresh one before it only when it was moved there.
 */
function behindNone(delayed: readonly Candidate[], blocked: readonly Candidate[]): readonly Candidate[] {
  if (blocked.length === 0) return delayed;
  const nameOf = ({ topic, key }: Candidate): string => `${topic}\0${key}`;
  const firsts = new Map<string, number>();
  for (const candidate of blocked) {
    const name = nameOf(candidate);
    firsts.set(name, Math.min(firsts.get(name) ?? Number.POSITIVE_INFINITY, candidate.position));
  }
  return delayed.filter(
    (candidate) =>
      candidate.key === null ||
      candidate.position < (firsts.get(nameOf(candidate)) ?? Number.POSITIVE_INFINITY),
  );
}

interface Others {
  readonly topics: readonly string[];
  readonly partitions: readonly number[];
  readonly hot: HotKey;
  readonly home: number | undefined;
  readonly after: number;
  readonly spare: number;
  readonly limits: ReadRequest;
}

function withinBytes(candidates: readonly Candidate[], limit: number): readonly Candidate[] {
  let bytes = 0;
  const end = candidates.findIndex((candidate, index) => {
    bytes += candidate.bytes;
    return index > 0 && bytes > limit;
  });
  return end === -1 ? candidates : candidates.slice(0, end);
}
