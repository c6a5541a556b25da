import { createHash } from 'node:crypto';
import type { NewMessage } from '@outrelay/core';
import { list } from './literal.ts';
import type { Tables } from './tables.ts';

/**
 * Rows that strict messages of a key are put in order with. They are there from the start: a row made on demand would
 * have to lock the gap it goes into. Keys that share a row wait for each other, which changes nothing but the time.
 */
export const LOCKS = 1_024;

/**
 * The statement that locks what strict messages need before their positions are drawn, or `null` for none.
 *
 * Locked in ascending order, so that transactions that need several do not deadlock. Held to the end of the
 * transaction: whoever appends for the key next draws a higher position after the commit.
 */
export function lockStatement({ locks }: Tables, messages: readonly NewMessage[]): string | null {
  const strict = messages.filter(({ ordering, key }) => ordering === 'strict' && key !== null);
  if (strict.length === 0) return null;
  const numbers = [...new Set(strict.map(({ topic, key }) => lockOf(topic, key as string)))];
  const sorted = numbers.toSorted((a, b) => a - b).map(String);
  return `SELECT lock_no FROM ${locks} FORCE INDEX (PRIMARY) WHERE lock_no IN ${list(sorted)} ORDER BY lock_no FOR UPDATE`;
}

function lockOf(topic: string, key: string): number {
  return createHash('sha256').update(topic).update('\0').update(key).digest().readUInt16BE(0) % LOCKS;
}
