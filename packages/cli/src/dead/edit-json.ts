import type { DeadLetterEdit } from '@outrelay/core';
import { checkedMembers, payloadOf } from '../append/message-json.ts';
import { UsageError } from '../usage-error.ts';

const MEMBERS = ['payload', 'payloadBase64', 'headers', 'contentType', 'topic'] as const;

/**
 * Reads the changes of a dead letter from JSON.
 *
 * @param file - what the JSON came from, for error texts
 * @returns the changes, given the content type of the letter, which decides how a payload is stored
 */
export function editFromJson(json: string, file: string): (contentType: string) => DeadLetterEdit {
  const named = <T>(read: () => T): T => {
    try {
      return read();
    } catch (error) {
      if (error instanceof UsageError) throw new UsageError(`${file}: ${error.message}.`, { cause: error });
      throw error;
    }
  };
  const members = named(() => checkedMembers(json, MEMBERS));
  if (members.size === 0)
    throw new UsageError(`${file} changes nothing. It may hold: ${MEMBERS.join(', ')}.`);
  const { payloadBase64, headers, contentType, topic } = JSON.parse(json) as Record<string, unknown>;
  return (original) =>
    named(() => {
      const texts = { contentType: textOf('contentType', contentType), topic: textOf('topic', topic) };
      const payload = members.has('payload') || payloadBase64 !== undefined;
      const stored = payloadOf(members.get('payload'), payloadBase64, contentType ?? original);
      return {
        ...texts,
        headers: headersOf(headers),
        ...(payload ? { payload: stored.payload ?? null } : {}),
      };
    });
}

function textOf(name: string, value: unknown): string | undefined {
  if (value === undefined || (typeof value === 'string' && value !== '')) return value;
  throw new UsageError(`"${name}" must be a text that is not empty`);
}

function headersOf(value: unknown): Readonly<Record<string, string>> | undefined {
  if (value === undefined) return undefined;
  const entries =
    typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.values(value) : [null];
  if (entries.every((entry) => typeof entry === 'string')) return value as Record<string, string>;
  throw new UsageError('"headers" must be an object of texts');
}
