import type { DeadLetter, DeadLetterFilter, DeadReason, RecoveryFacet } from '@outrelay/core';
import {
  flag,
  type FlagOption,
  list,
  type ListOption,
  value,
  type ValueOption,
} from '../arguments/option.ts';
import { instant, oneOf, text } from '../arguments/readers.ts';
import { requireChoice } from '../arguments/require-choice.ts';

/** The options that choose dead letters. */
export const FILTER_OPTIONS: {
  readonly id: ListOption<string>;
  readonly topic: ValueOption<string>;
  readonly key: ValueOption<string>;
  readonly reason: ValueOption<DeadReason>;
  readonly since: ValueOption<Date>;
  readonly until: ValueOption<Date>;
} = {
  id: list('ID', text, 'Only the letter with this id.'),
  topic: value('TOPIC', text, 'Only letters of this topic.'),
  key: value('KEY', text, 'Only letters of this key.'),
  reason: value(
    'REASON',
    oneOf<DeadReason>('rejected', 'attempts-exhausted', 'undecodable'),
    'Only letters that died of this: rejected, attempts-exhausted or undecodable.',
  ),
  since: value(
    'TIME',
    instant,
    'Only letters that died at or after this time, or at most this long ago (2h).',
  ),
  until: value('TIME', instant, 'Only letters that died before this time.'),
};

/** The option without which a change of every dead letter is refused. */
export const ALL_OPTION: FlagOption = flag('Every dead letter, when no other filter is given.');

/** What {@link FILTER_OPTIONS} came to. */
export interface FilterChoice {
  readonly id: readonly string[];
  readonly topic: string | undefined;
  readonly key: string | undefined;
  readonly reason: DeadReason | undefined;
  readonly since: Date | undefined;
  readonly until: Date | undefined;
}

/** The filter that options and ids after them choose. */
export function filterOf(choice: FilterChoice, ids: readonly string[] = []): DeadLetterFilter {
  const { id, topic, key, reason, since, until } = choice;
  const all = [...new Set([...id, ...ids])];
  return { ids: all.length === 0 ? undefined : all, topic, key, reason, since, until };
}

/** The same for a change of many: no filter at all must be asked for by name. */
export function bulkFilterOf(
  choice: FilterChoice & { readonly all: boolean },
  ids: readonly string[],
  verb: string,
): DeadLetterFilter {
  const filter = filterOf(choice, ids);
  requireChoice(filter, choice.all, { things: 'dead letters', verb, list: 'outrelay dead list' });
  return filter;
}

/** Whether a filter names its letters one by one and nothing else. */
export function isExplicit({ ids, ...others }: DeadLetterFilter): boolean {
  return ids !== undefined && Object.values(others).every((field) => field === undefined);
}

/** Letters per page: few, because a page carries payloads. */
const PAGE = 100;

/** All letters of a filter, page by page. */
export async function* eachLetter(
  recovery: RecoveryFacet,
  filter: DeadLetterFilter,
): AsyncGenerator<DeadLetter, void, void> {
  let after: string | undefined;
  do {
    const page = await recovery.list({ ...filter, limit: PAGE, after });
    yield* page.letters;
    after = page.next ?? undefined;
  } while (after !== undefined);
}

/**
 * The ids of all letters of a filter as it stands now: a change of many works on this set, so that letters that die
 * again meanwhile are not taken a second time.
 */
export async function idsOf(recovery: RecoveryFacet, filter: DeadLetterFilter): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of eachLetter(recovery, filter)) ids.push(id);
  return ids;
}

/** Ids per call: one statement and one short transaction each. */
const CHUNK = 500;

/** Applies a change to letters in the order they died, in parts; answers with the number that were changed. */
export async function inChunks(
  ids: readonly string[],
  change: (filter: DeadLetterFilter, limit: number) => Promise<number>,
): Promise<number> {
  let changed = 0;
  for (let at = 0; at < ids.length; at += CHUNK) {
    const part = ids.slice(at, at + CHUNK);
    changed += await change({ ids: part }, part.length);
  }
  return changed;
}
