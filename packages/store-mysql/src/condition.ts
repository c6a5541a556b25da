import { integer, type OptionCheck } from '@outrelay/core';
import { list, text as literal } from './literal.ts';

type Maybe<T> = OptionCheck<T | undefined>;

const optional =
  <T>(what: string, is: (value: unknown) => value is T): Maybe<T> =>
  (value, name) => {
    if (value === undefined || is(value)) return value;
    throw new TypeError(`${name} must be ${what}.`);
  };
const text: Maybe<string> = optional('a text', (value): value is string => typeof value === 'string');
const time: Maybe<Date> = optional(
  'a valid Date',
  (value): value is Date => value instanceof Date && !Number.isNaN(value.getTime()),
);

/** Checks of what filters on messages that were given up have in common. */
export const FILTER: {
  readonly ids: Maybe<readonly string[]>;
  readonly topic: Maybe<string>;
  readonly key: Maybe<string>;
  readonly since: Maybe<Date>;
  readonly until: Maybe<Date>;
} = {
  ids: optional(
    'an array of texts',
    (value): value is readonly string[] =>
      Array.isArray(value) && value.every((id) => typeof id === 'string'),
  ),
  topic: text,
  key: text,
  since: time,
  until: time,
};

/** Checks of a page: where it begins and how long it is. */
export const PAGE: { readonly after: Maybe<string>; readonly limit: OptionCheck<number> } = {
  after: optional(
    'the "next" of a page',
    (value): value is string => typeof value === 'string' && /^\d{1,15}$/.test(value),
  ),
  limit: integer(100, 1, 1_000),
};

/** A text, which is compared as it is. */
export const optionalText: Maybe<string> = text;
/** `true` or `false`. */
export const optionalBoolean: Maybe<boolean> = optional(
  'true or false',
  (value): value is boolean => typeof value === 'boolean',
);

/** One of some texts. */
export function optionalOneOf<T extends string>(allowed: readonly T[]): Maybe<T> {
  return optional(`one of ${allowed.join(', ')}`, (value): value is T => allowed.includes(value as T));
}

/** Joins a fixed condition and those whose value was given, as a literal. */
export function conditionOf(
  fixed: string,
  parts: readonly (readonly [before: string, value: string | undefined])[],
): string {
  const given = parts.flatMap(([before, value]) => (value === undefined ? [] : [`${before} ${value}`]));
  return [fixed, ...given].join(' AND ');
}

/** The list for a condition on an id; NULL, which equals nothing, when it is empty. */
export function idList(ids: readonly string[] | undefined): string | undefined {
  if (ids === undefined) return undefined;
  return list(ids.length === 0 ? ['NULL'] : ids.map(literal));
}

/** A text as a literal, when there is one. */
export function textOrNothing(value: string | undefined): string | undefined {
  return value === undefined ? undefined : literal(value);
}

/** Checks how many rows a verb may take at most. */
export function checkLimit(owner: string, limit: unknown): void {
  if (limit === undefined)
    throw new TypeError(`${owner} needs a limit: the number of letters to take at most.`);
  integer(1, 1, Number.MAX_SAFE_INTEGER)(limit, `${owner}: the limit`);
}
