import { integer, type OptionCheck } from '@outrelay/core';
import type { MongoDocument } from './client.ts';

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
    (value): value is string => typeof value === 'string' && /^\d{15}-\d{9}-[0-9a-f]{8}$/.test(value),
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

/** A filter of those of its fields that were given. */
export function givenOnly(fields: MongoDocument): MongoDocument {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** The condition on a time to lie between two; none when neither is given. */
export function between(since: Date | undefined, until: Date | undefined): MongoDocument | undefined {
  return since === undefined && until === undefined ? undefined : givenOnly({ $gte: since, $lt: until });
}

/** The condition on an id to be one of a list; none when there is no list. */
export function oneOfIds(ids: readonly string[] | undefined): MongoDocument | undefined {
  return ids === undefined ? undefined : { $in: ids };
}

/** Checks how many documents a verb may take at most. */
export function checkLimit(owner: string, limit: unknown): void {
  if (limit === undefined)
    throw new TypeError(`${owner} needs a limit: the number of letters to take at most.`);
  integer(1, 1, Number.MAX_SAFE_INTEGER)(limit, `${owner}: the limit`);
}
