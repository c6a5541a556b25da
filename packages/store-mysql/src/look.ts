import type { ClaimedMessage, ReadRequest } from '@outrelay/core';
import type { Candidate } from './candidate.ts';
import { choose } from './choose.ts';
import { rowsOf, type Session } from './connections.ts';
import { Delayed } from './delayed.ts';
import { accepted, delayedTopics, freshTopics } from './due.ts';
import { Fresh } from './fresh.ts';
import { frontLook, frontMessages } from './front.ts';
import { heldRows, heldSql, type MysqlLease, type PartitionRow, type ReadMemory } from './lease.ts';
import { delayedMessage, freshMessage } from './row.ts';
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
  /** How many messages of each partition are about to be yielded, to be remembered in case they end this relay. */
  readonly expected: ReadonlyMap<number, number>;
  /** Partitions in which nothing that was under suspicion is left. */
  readonly cleared: readonly number[];
}

const NO_UPKEEP: Upkeep = { join: [], blocked: [], standing: [], expected: new Map(), cleared: [] };

/** Reads that look closer after a look at the front found too little, or what takes a choice. */
const DETOURS = 8;

/** Looks for what a read may yield, on one snapshot; answers `null` when nothing is held any more. */
export function looker(
  tables: Tables,
): (session: Session, lease: MysqlLease, request: ReadRequest) => Promise<Sight | null> {
  const fresh = new Fresh(tables);
  const delayed = new Delayed(tables);

  async function load(
    session: Session,
    token: string,
    picked: readonly Candidate[],
  ): Promise<readonly ClaimedMessage[]> {
    const found = new Map<number, ClaimedMessage>();
    const positions = (isDelayed: boolean): number[] =>
      picked.filter((candidate) => candidate.delayed === isDelayed).map(({ position }) => position);
    for (const row of await fresh.at(session, positions(false)))
      found.set(row[0] as number, freshMessage(row, token));
    for (const row of await delayed.at(session, positions(true)))
      found.set(row[0] as number, delayedMessage(row, token, false));
    return picked.map(({ position }) => found.get(position) as ClaimedMessage);
  }

  return async (session, { token, state }, request) => {
    const { memory, partitions } = state;
    // The front is read in the first round trip already, in the hope that nothing waits and nobody is suspected.
    const known = topicsToTry(request, memory);
    const front = memory.hot || memory.detours > 0 ? null : frontLook(tables, partitions, known, request);
    const [heldAnswer, stateAnswer, topicsAnswer, frontAnswer] = await session.script([
      heldSql(tables, token),
      delayed.stateSql(partitions),
      freshTopics(tables),
      ...(front === null ? [] : [front.sql]),
    ]);
    const held = heldRows(rowsOf(heldAnswer)).filter(({ number }) => partitions.includes(number));
    if (held.length === 0) return null;
    const numbers = held.map(({ number }) => number);
    const waiting = delayed.stateOf(rowsOf(stateAnswer)[0]);
    if (waiting.joining) return { messages: [], suspect: null, upkeep: { ...NO_UPKEEP, join: numbers } };
    const suspects = held.filter(({ suspectLeft }) => suspectLeft > 0).map(({ number }) => number);
    memory.topics = rowsOf(topicsAnswer).map(([topic]) => topic as string);
    const present = memory.topics.filter((topic) => request.topics.matches(topic));

    if (front !== null && !waiting.due && !waiting.blocking && suspects.length === 0) {
      // What was handed over, or appeared under a topic that nobody knew of, makes the look incomplete.
      const covered =
        front.rowsPerSource === Number.POSITIVE_INFINITY || present.every((topic) => known?.includes(topic));
      const whole = numbers.length === partitions.length && covered;
      const messages = whole ? frontMessages(rowsOf(frontAnswer), token, request, front) : null;
      if (messages !== null) return sightOf(messages, held);
      if (whole) memory.detours = DETOURS;
    } else if (memory.detours > 0) {
      memory.detours--;
    }

    const late = waiting.due ? await session.rows(delayedTopics(tables)) : [];
    const topics = { fresh: present, delayed: accepted(late, request.topics) };
    const alone = suspects.length > 0;
    const choice = await choose(session, fresh, delayed, {
      limits: alone ? { ...request, messages: 1 } : request,
      partitions: alone ? suspects : numbers,
      topics,
      state: waiting,
      reads: memory.reads,
    });
    memory.hot = choice.hot;
    const { picked, blocked, standing } = choice;
    if (!alone) {
      const sight = sightOf(await load(session, token, picked), held);
      return { ...sight, upkeep: upkeepOf({ ...(sight.upkeep ?? NO_UPKEEP), blocked, standing }) };
    }
    const nothing =
      picked.length === 0 && blocked.length === 0 && standing.length === 0 && request.topics.kind === 'all';
    return {
      messages: [],
      suspect: picked[0] ?? null,
      upkeep: upkeepOf({ ...NO_UPKEEP, blocked, standing, cleared: nothing ? suspects : [] }),
    };
  };
}

/** The topics that a look at the front is made for; `null` when none are known yet. */
function topicsToTry({ topics }: ReadRequest, memory: ReadMemory): readonly string[] | null {
  return memory.topics?.filter((topic) => topics.matches(topic)) ?? null;
}

/** Messages to yield; those of partitions that were lost before are counted first. */
function sightOf(messages: readonly ClaimedMessage[], held: readonly PartitionRow[]): Sight {
  const losing = new Set(held.filter(({ losses }) => losses > 0).map(({ number }) => number));
  const expected = new Map<number, number>();
  if (losing.size > 0) {
    for (const { ref } of messages) {
      const { partition } = ref as { readonly partition: number };
      if (losing.has(partition)) expected.set(partition, (expected.get(partition) ?? 0) + 1);
    }
  }
  return { messages, suspect: null, upkeep: upkeepOf({ ...NO_UPKEEP, expected }) };
}

function upkeepOf(upkeep: Upkeep): Upkeep | null {
  const { blocked, standing, expected, cleared } = upkeep;
  return blocked.length > 0 || standing.length > 0 || expected.size > 0 || cleared.length > 0 ? upkeep : null;
}
