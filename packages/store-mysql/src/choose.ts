import type { ReadRequest } from '@outrelay/core';
import { type Candidate, hotKey, pick } from './candidate.ts';
import type { Session } from './connections.ts';
import type { Delayed, DelayedState } from './delayed.ts';
import type { Fresh, FreshView } from './fresh.ts';

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
  readonly partitions: readonly number[];
  /** Topics of fresh messages and of delayed ones. */
  readonly topics: { readonly fresh: readonly string[]; readonly delayed: readonly string[] };
  readonly state: DelayedState;
  /** How often the lease has been read under. */
  readonly reads: number;
}

/** Chooses among fresh and delayed messages without loading their content. */
export async function choose(
  session: Session,
  fresh: Fresh,
  delayed: Delayed,
  request: ChoiceRequest,
): Promise<Choice> {
  const { limits, partitions, topics, state, reads } = request;
  const limit = limits.messages;
  const view = await fresh.view(session, topics.fresh, partitions, state.blocking, limit);
  // Reads of one message take turns, so that neither kind starves the other.
  const half = limit === 1 ? reads % 2 : limit >> 1;
  const quota = Math.max(half, limit - view.open.length);
  const waiting =
    state.due && quota > 0
      ? await delayed.view(session, topics.delayed, partitions, quota)
      : { open: [], standing: [] };
  const candidates = {
    fresh: view.open,
    delayed: beforeBlocked(waiting.open, view.blocked),
    horizon: view.horizon,
  };
  const picked = pick(candidates, quota, limits);
  const shared = await share(session, fresh, request, view, picked);
  const taken = new Set(picked.map(({ position }) => position));
  return {
    picked: shared ?? picked,
    blocked: view.blocked,
    // What is yielded must stay as it was when it was yielded: its outcome is recorded for that state.
    standing: waiting.standing.filter(({ position }) => !taken.has(position)),
    hot: shared !== null,
  };
}

/**
 * Leaves out the delayed messages that stand behind a blocked fresh one of their key. What blocks that one may go now,
 * and what follows it in the chain would overtake it: it is moved into the chain after this look.
 */
function beforeBlocked(delayed: readonly Candidate[], blocked: readonly Candidate[]): readonly Candidate[] {
  if (delayed.length === 0 || blocked.length === 0) return delayed;
  const first = new Map<string, number>();
  for (const { topic, key, position } of blocked) {
    const name = `${topic}\0${key}`;
    first.set(name, Math.min(position, first.get(name) ?? position));
  }
  return delayed.filter(
    ({ topic, key, position }) => position < (first.get(`${topic}\0${key}`) ?? Number.POSITIVE_INFINITY),
  );
}

/** Gives up to half of a full read to other keys when one key would take more; `null` when none does. */
async function share(
  session: Session,
  fresh: Fresh,
  { limits }: ChoiceRequest,
  view: FreshView,
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
  const ofHot = picked.filter(isHot);
  const spare = ofHot.length - (limits.messages >> 1);
  const partition = ofHot[0]?.partition as number;
  const window = limits.messages * OTHER_KEYS_WINDOW;
  const near = [...view.open, ...view.beyond].filter(
    (candidate) => candidate.position > last.position && !isHot(candidate),
  );
  const known = new Set(near.map(({ position }) => position));
  const far = await fresh.others(session, hot, partition, last.position, window, spare);
  const others = [...near, ...far.filter(({ position }) => !known.has(position))]
    .toSorted((a, b) => a.position - b.position)
    .slice(0, spare);
  // The last ones of the hot key give way, so that what is left of it is still the beginning of its order.
  let surplus = others.length;
  const kept = picked.toReversed().filter((candidate) => !(surplus > 0 && isHot(candidate) && surplus-- > 0));
  return withinBytes([...kept.toReversed(), ...others], limits.bytes);
}

function withinBytes(candidates: readonly Candidate[], limit: number): readonly Candidate[] {
  let bytes = 0;
  const end = candidates.findIndex((candidate, index) => {
    bytes += candidate.bytes;
    return index > 0 && bytes > limit;
  });
  return end === -1 ? candidates : candidates.slice(0, end);
}
