import type { ParkedFilter, ParkingFacet, ParkReason } from '@outrelay/core';
import {
  type FlagOption,
  flag,
  type ListOption,
  list,
  type ValueOption,
  value,
} from '../arguments/option.ts';
import { instant, oneOf, text } from '../arguments/readers.ts';
import { requireChoice } from '../arguments/require-choice.ts';
import { inChunks } from '../dead/filter.ts';

/** The option that names a consumer. */
export const CONSUMER_OPTION: ValueOption<string> = value(
  'NAME',
  text,
  'Only messages that this consumer parked.',
);

/** The options that choose parked messages. */
export const PARKED_OPTIONS: {
  readonly consumer: ValueOption<string>;
  readonly id: ListOption<string>;
  readonly topic: ValueOption<string>;
  readonly key: ValueOption<string>;
  readonly reason: ValueOption<ParkReason>;
  readonly since: ValueOption<Date>;
  readonly until: ValueOption<Date>;
} = {
  consumer: CONSUMER_OPTION,
  id: list('ID', text, 'Only the message with this id.'),
  topic: value('TOPIC', text, 'Only messages of this topic.'),
  key: value('KEY', text, 'Only messages of this key.'),
  reason: value(
    'REASON',
    oneOf<ParkReason>('rejected', 'attempts-exhausted'),
    'Only messages that were parked for this: rejected or attempts-exhausted.',
  ),
  since: value(
    'TIME',
    instant,
    'Only messages that were parked at or after this time, or at most this long ago (2h).',
  ),
  until: value('TIME', instant, 'Only messages that were parked before this time.'),
};

/** The option without which a change of every parked message is refused. */
export const ALL_PARKED_OPTION: FlagOption = flag('Every parked message, when no other filter is given.');

/** What {@link PARKED_OPTIONS} came to. */
export interface ParkedChoice {
  readonly consumer: string | undefined;
  readonly id: readonly string[];
  readonly topic: string | undefined;
  readonly key: string | undefined;
  readonly reason: ParkReason | undefined;
  readonly since: Date | undefined;
  readonly until: Date | undefined;
}

/** The filter that options and ids after them choose. */
export function parkedFilterOf(choice: ParkedChoice, ids: readonly string[] = []): ParkedFilter {
  const { consumer, id, topic, key, reason, since, until } = choice;
  const all = [...new Set([...id, ...ids])];
  return { consumer, ids: all.length === 0 ? undefined : all, topic, key, reason, since, until };
}

/** The same for a change of many: no filter at all must be asked for by name. */
export function bulkParkedFilterOf(
  choice: ParkedChoice & { readonly all: boolean },
  ids: readonly string[],
  verb: string,
): ParkedFilter {
  const filter = parkedFilterOf(choice, ids);
  requireChoice(filter, choice.all, { things: 'parked messages', verb, list: 'outrelay parked list' });
  return filter;
}

/** Whether a filter names its messages one by one, at most those of a consumer. */
export function isExplicitParked({ ids, topic, key, reason, since, until }: ParkedFilter): boolean {
  return ids !== undefined && [topic, key, reason, since, until].every((field) => field === undefined);
}

/** Messages per page: few, because a page carries payloads. */
const PAGE = 100;

/** Ids of parked messages by consumer: each consumer may have parked the same message. */
export type ParkedIds = ReadonlyMap<string, readonly string[]>;

/**
 * The messages of a filter as it stands now: a change of many works on this set, so that what is parked again meanwhile
 * is not taken a second time.
 *
 * @param states - in which state they are
 */
export async function parkedIdsOf(
  parking: ParkingFacet,
  filter: ParkedFilter,
  states: readonly ('parked' | 'redriven')[],
): Promise<ParkedIds> {
  const found = new Map<string, string[]>();
  let after: string | undefined;
  do {
    const page = await parking.list({ ...filter, limit: PAGE, after });
    for (const { consumer, id, state } of page.messages) {
      if (!states.includes(state)) continue;
      const ids = found.get(consumer);
      if (ids === undefined) found.set(consumer, [id]);
      else ids.push(id);
    }
    after = page.next ?? undefined;
  } while (after !== undefined);
  return found;
}

/** How many messages there are of all consumers together. */
export function countOf(parked: ParkedIds): number {
  return [...parked.values()].reduce((sum, ids) => sum + ids.length, 0);
}

/** Applies a change to messages in parts; answers with the number that were changed. */
export async function changeParked(
  parked: ParkedIds,
  change: (filter: ParkedFilter, limit: number) => Promise<number>,
): Promise<number> {
  let changed = 0;
  for (const [consumer, ids] of parked)
    changed += await inChunks(ids, (part, limit) => change({ consumer, ids: part.ids }, limit));
  return changed;
}
