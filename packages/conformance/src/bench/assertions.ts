import { AssertionError, deepStrictEqual } from 'node:assert/strict';
import { inspect } from 'node:util';
import { isOutboxError, type OutboxError, type OutboxErrorCode } from '@outrelay/core';

type Identified = { readonly id: string };
type Keyed = Identified & { readonly topic: string; readonly key: string | null };

/** Fails unless the ids are the expected ones, in any order, each once; names what is missing, extra or there twice. */
export function sameIds(actual: readonly Identified[], expected: readonly Identified[], what: string): void {
  const differences = setDifferences(
    actual.map(({ id }) => id),
    expected.map(({ id }) => id),
  );
  if (differences !== '') fail(`${what}: ${differences}`, idList(actual), idList(expected));
}

/** Fails unless the ids are the expected ones in the expected order. */
export function sameOrder(
  actual: readonly Identified[],
  expected: readonly Identified[],
  what: string,
): void {
  sameIds(actual, expected, what);
  const at = actual.findIndex(({ id }, index) => id !== expected[index]?.id);
  if (at === -1) return;
  fail(
    `${what}: the order differs from number ${at + 1} on: expected ${idList(expected.slice(at))}, got ${idList(actual.slice(at))}`,
    idList(actual),
    idList(expected),
  );
}

/** Fails unless messages of each topic and key are in the order of `expected`; other messages may lie in between. */
export function sameOrderPerKey(actual: readonly Keyed[], expected: readonly Keyed[], what: string): void {
  const names = new Set(
    expected.filter(({ key }) => key !== null).map(({ topic, key }) => `${topic}/${key}`),
  );
  for (const name of names) {
    const ofKey = ({ topic, key }: Keyed): boolean => `${topic}/${key}` === name;
    sameOrder(actual.filter(ofKey), expected.filter(ofKey), `${what}, key ${name}`);
  }
}

/** Fails unless the set of texts is the expected one. */
export function sameTexts(actual: readonly string[], expected: readonly string[], what: string): void {
  const differences = setDifferences(actual, expected);
  if (differences !== '') fail(`${what}: ${differences}`, actual, expected);
}

/** Fails unless both are deeply and strictly equal. */
export function same<T>(actual: T, expected: T, what: string): void {
  try {
    deepStrictEqual(actual, expected);
  } catch {
    fail(`${what}: expected ${brief(expected)}, got ${brief(actual)}`, actual, expected);
  }
}

/** Fails unless the condition holds; `what` says what was seen instead. */
export function holds(condition: boolean, what: string): asserts condition {
  if (!condition) fail(what, false, true);
}

/** Fails unless the call rejects, or throws, with an `OutboxError` of one of the codes; answers with the error. */
export async function refuses(
  call: () => unknown,
  codes: readonly OutboxErrorCode[],
  what: string,
): Promise<OutboxError> {
  const error = await rejects(call, what);
  if (isOutboxError(error) && codes.includes(error.code)) return error;
  const got = isOutboxError(error) ? `${error.code}: ${error.message}` : String(error);
  throw new AssertionError({
    message: `${what}: expected an error ${codes.join(' or ')}, got ${got}`,
    actual: error,
    expected: codes,
  });
}

/** Fails unless the call rejects or throws; answers with the error. */
export async function rejects(call: () => unknown, what: string): Promise<unknown> {
  let value: unknown;
  try {
    value = await call();
  } catch (error) {
    return error;
  }
  return fail(`${what}: expected an error, got ${brief(value)}`, value, undefined);
}

function fail(message: string, actual: unknown, expected: unknown): never {
  throw new AssertionError({ message, actual, expected, operator: 'conformance' });
}

function setDifferences(actual: readonly string[], expected: readonly string[]): string {
  const parts: string[] = [];
  const [wanted, seen] = [new Set(expected), new Set<string>()];
  const extra = actual.filter((text) => !wanted.has(text));
  const twice = actual.filter((text) => wanted.has(text) && seen.size === seen.add(text).size);
  const missing = expected.filter((text) => !seen.has(text));
  if (missing.length > 0) parts.push(`missing ${list(missing)}`);
  if (extra.length > 0) parts.push(`extra ${list(extra)}`);
  if (twice.length > 0 && expected.length === wanted.size) parts.push(`more than once ${list(twice)}`);
  return parts.join('; ');
}

function idList(messages: readonly Identified[]): string {
  return list(messages.map(({ id }) => id));
}

/** At most ten, and how many more there are. */
function list(texts: readonly string[]): string {
  if (texts.length === 0) return 'nothing';
  const shown = texts.slice(0, 10).join(', ');
  return texts.length > 10 ? `${shown} and ${texts.length - 10} more` : shown;
}

function brief(value: unknown): string {
  const text = inspect(value, { depth: 4, breakLength: 100, maxStringLength: 120, maxArrayLength: 20 });
  return text.length > 600 ? `${text.slice(0, 600)}…` : text;
}
