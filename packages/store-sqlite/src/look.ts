import type { ClaimedMessage, ReadRequest } from '@outrelay/core';
import { type Candidate, hotKey } from './candidate.ts';
import { choose } from './choose.ts';
import type { SqliteRow } from './client.ts';
import type { Session } from './connection.ts';
import { Delayed } from './delayed.ts';
import { Fresh, type FreshRun } from './fresh.ts';
import { leaseRow, leaseSql, type SqliteLease } from './lease.ts';
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
  /** Scheduled messages have to join the chains of their keys. */
  readonly join: boolean;
  readonly blocked: readonly number[];
  readonly standing: readonly number[];
  /** How many messages are about to be yielded, to be remembered in case they end this relay; 0 when not needed. */
  readonly expected: number;
  /** Nothing that was under suspicion is left. */
  readonly cleared: boolean;
}

const NO_UPKEEP: Upkeep = { join: false, blocked: [], standing: [], expected: 0, cleared: false };

/** Looks for what a read may yield, on one snapshot; answers `null` when the lease is not held any more. */
export function looker(
  tables: Tables,
): (session: Session, lease: SqliteLease, request: ReadRequest) => Sight | null {
  const fresh = new Fresh(tables);
  const delayed = new Delayed(tables);
  const leaseQuery = leaseSql(tables);

  /** The normal case, in which nothing is delayed; `null` when it takes a choice. */
  function firstRun(
    session: Session,
    lease: SqliteLease,
    topics: readonly string[] | null,
    limits: ReadRequest,
  ): FreshRun | null {
    if (lease.state.hot || (topics !== null && topics.length !== 1)) return null;
    const found = fresh.firstRun(session, topics?.[0] ?? null, limits.messages, limits.bytes);
    if (found === null || found.rows.length < limits.messages || limits.messages === 1) return found;
    return hotKey(found.rows, topicOf, keyOf) === null ? found : null;
  }

  function load(session: Session, token: string, picked: readonly Candidate[]): ClaimedMessage[] {
    const found = new Map<number, ClaimedMessage>();
    const positions = (isDelayed: boolean): number[] =>
      picked.filter((candidate) => candidate.delayed === isDelayed).map(({ position }) => position);
    for (const row of fresh.at(session, positions(false)))
      found.set(row[0] as number, freshMessage(row, token, null));
    for (const row of delayed.at(session, positions(true)))
      found.set(row[0] as number, delayedMessage(row, token, false));
    return picked.map(({ position }) => found.get(position) as ClaimedMessage);
  }

  return (session, lease, request) => {
    const { token, released, losses, suspectLeft, now } = leaseRow(session, leaseQuery);
    if (token !== lease.token || released) return null;
    const state = delayed.state(session);
    if (state.joining) return { messages: [], suspect: null, upkeep: { ...NO_UPKEEP, join: true } };
    const topics = fresh.topics(session, request.topics);
    const expected = (count: number): number => (losses > 0 ? count : 0);

    if (!state.any && suspectLeft === 0) {
      const run = firstRun(session, lease, topics, request);
      if (run !== null) {
        const messages = run.rows.map((row) => freshMessage(row, token, run.run));
        return {
          messages,
          suspect: null,
          upkeep: upkeepOf({ ...NO_UPKEEP, expected: expected(messages.length) }),
        };
      }
    }

    const limits = suspectLeft > 0 ? { ...request, messages: 1 } : request;
    const { picked, blocked, standing, hot } = choose(session, fresh, delayed, {
      limits,
      topics,
      state,
      now,
      reads: lease.state.reads,
    });
    lease.state.hot = hot;
    if (suspectLeft > 0) {
      const cleared =
        picked.length === 0 && blocked.length === 0 && standing.length === 0 && request.topics.kind === 'all';
      return {
        messages: [],
        suspect: picked[0] ?? null,
        upkeep: upkeepOf({ ...NO_UPKEEP, blocked, standing, cleared }),
      };
    }
    const messages = load(session, token, picked);
    return {
      messages,
      suspect: null,
      upkeep: upkeepOf({ ...NO_UPKEEP, blocked, standing, expected: expected(messages.length) }),
    };
  };
}

function upkeepOf(upkeep: Upkeep): Upkeep | null {
  const { blocked, standing, expected, cleared } = upkeep;
  return blocked.length > 0 || standing.length > 0 || expected > 0 || cleared ? upkeep : null;
}

const topicOf = (row: SqliteRow): string => row[2] as string;
const keyOf = (row: SqliteRow): string | null => row[3] as string | null;
