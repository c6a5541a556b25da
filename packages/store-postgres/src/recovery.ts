import {
  type DeadLetterEdit,
  type Headers,
  type Payload,
  type RecoveryFacet,
  readOptions,
  uuidv7,
} from '@outrelay/core';
import { Chain } from './chain.ts';
import { checkLimit } from './condition.ts';
import type { Ask, Connections } from './connections.ts';
import { lockPartitions } from './fence.ts';
import { filterCondition, letterOf, lettersSql, pageRequest } from './letters.ts';
import { numbers, text, textOrNull, whole } from './literal.ts';
import type { PostgresStoreSettings } from './options.ts';
import { CONTENT } from './row.ts';
import { CLOCK, NOW } from './tables.ts';

/** Letters that one transaction takes; more are done in several, so that relays wait for their partitions for moments. */
const CHUNK = 1_000;

/** A letter that was chosen, and locked. */
interface Chosen {
  readonly number: number;
  readonly key: readonly [topic: string, key: string] | null;
}

/**
 * Reads and resolves dead letters.
 *
 * A letter that comes back or goes changes what its key waits for. So every verb locks the letters, then the rows of
 * their partitions in order, as settles do, before it touches a chain.
 */
export function recoveryFacet(
  connections: Connections,
  { tables, wakeups }: PostgresStoreSettings,
): RecoveryFacet {
  const { messages, delayed, deadLetters } = tables;
  const chain = new Chain(tables);
  const ring = wakeups === 'notify' ? [`SELECT pg_notify(${text(tables.channel)}, '')`] : [];

  /** Locks the oldest letters that match, and what they have to do with. Those that another call has locked are its. */
  async function choose(ask: Ask, condition: string, limit: number): Promise<readonly Chosen[]> {
    const [rows = []] = await ask([
      `SELECT dead_no, partition_no, topic, message_key, blocking FROM ${deadLetters} WHERE ${condition} ORDER BY dead_no LIMIT ${whole(limit)} FOR UPDATE`,
    ]);
    const partitions = [...new Set(rows.map(([, partition]) => Number(partition)))];
    if (partitions.length > 0) await ask([lockPartitions(tables, numbers(partitions, 'smallint'))]);
    return rows.map(([number, , topic, key, blocking]) => ({
      number: Number(number),
      key: blocking === 't' && typeof key === 'string' ? [topic as string, key] : null,
    }));
  }

  /** Statements that let the keys that waited for the letters go on. */
  function unblock(chosen: readonly Chosen[]): readonly string[] {
    const keys = chosen.flatMap(({ key }) => (key === null ? [] : [key]));
    return keys.length === 0 ? [] : [dropMarkers(chosen), chain.promote(keys)];
  }

  const listed = (chosen: readonly Chosen[]): string =>
    `dead_no = ANY(${numbers(
      chosen.map(({ number }) => number),
      'bigint',
    )})`;
  const dropMarkers = (chosen: readonly Chosen[]): string =>
    `DELETE FROM ${delayed} WHERE dead AND position = ANY(ARRAY(SELECT position FROM ${deadLetters} WHERE ${listed(chosen)} AND blocking))`;

  /** Takes letters in parts until `limit` or nothing is left; answers with the number. */
  async function inParts(
    condition: string,
    limit: number,
    statements: (chosen: readonly Chosen[]) => readonly string[],
  ): Promise<number> {
    let total = 0;
    for (;;) {
      const size = Math.min(CHUNK, limit - total);
      if (size <= 0) return total;
      const count = await connections.changeOn(async (ask) => {
        const chosen = await choose(ask, condition, size);
        if (chosen.length > 0) await ask([...statements(chosen), ...ring]);
        return chosen.length;
      });
      total += count;
      if (count < size) return total;
    }
  }

  return {
    async list(request = {}) {
      const page = pageRequest(request);
      // One more than the page tells whether there is a next one.
      const [rows = []] = await connections.look([
        lettersSql(deadLetters, { ...page, limit: page.limit + 1 }),
      ]);
      const letters = rows.slice(0, page.limit).map(letterOf);
      return {
        letters: letters.map(({ letter }) => letter),
        next: rows.length > page.limit ? String(letters.at(-1)?.number) : null,
      };
    },

    async redrive(filter, limit) {
      const condition = filterCondition('recovery.redrive', filter);
      checkLimit('recovery.redrive', limit);
      return inParts(condition, limit, (chosen) => [
        dropMarkers(chosen),
        `INSERT INTO ${delayed} (position, ${CONTENT}, available_at, attempts, redrives, blocks) SELECT position, ${CONTENT}, ${NOW}, 0, redrives + 1, message_key IS NOT NULL FROM ${deadLetters} WHERE ${listed(chosen)}`,
        `DELETE FROM ${deadLetters} WHERE ${listed(chosen)}`,
      ]);
    },

    async redriveEdited(id, edit) {
      const condition = filterCondition('recovery.redriveEdited', { ids: [id] });
      const values = editedColumns(edit);
      return connections.changeOn(async (ask) => {
        const chosen = await choose(ask, condition, 1);
        if (chosen.length === 0) return null;
        const newId = uuidv7();
        await ask([
          `INSERT INTO ${messages} (id, topic, message_key, content_type, headers, payload, payload_bytes) SELECT ${text(newId)}, ${values} FROM ${deadLetters} WHERE ${listed(chosen)}`,
          ...unblock(chosen),
          `UPDATE ${deadLetters} SET resolved_at = ${CLOCK} WHERE ${listed(chosen)}`,
          ...ring,
        ]);
        return newId;
      });
    },

    async discard(filter, limit) {
      const condition = filterCondition('recovery.discard', filter);
      checkLimit('recovery.discard', limit);
      return inParts(condition, limit, (chosen) => [
        ...unblock(chosen),
        `DELETE FROM ${deadLetters} WHERE ${listed(chosen)}`,
      ]);
    },
  };
}

/** Topic, key, content type, headers and payload of the corrected copy, as columns over the original. */
function editedColumns(edit: DeadLetterEdit): string {
  const { topic, contentType, headers, payload } = readOptions('recovery.redriveEdited', edit, {
    topic: textOrNothing,
    contentType: textOrNothing,
    headers: headersOrNothing,
    payload: payloadOrNothing,
  });
  const bytes = payload instanceof Uint8Array ? Buffer.from(payload).toString('base64') : null;
  return [
    topic === undefined ? 'topic' : text(topic),
    'message_key',
    contentType === undefined ? 'content_type' : text(contentType),
    headers === undefined ? 'headers' : `${text(JSON.stringify(headers))}::json`,
    payload === undefined ? 'payload' : textOrNull(typeof payload === 'string' ? payload : null),
    payload === undefined ? 'payload_bytes' : `decode(${textOrNull(bytes)}, 'base64')`,
  ].join(', ');
}
function textOrNothing(value: unknown, name: string): string | undefined {
  if (value === undefined || (typeof value === 'string' && value !== '')) return value;
  throw new TypeError(`${name} must be a text that is not empty.`);
}

function headersOrNothing(value: unknown, name: string): Headers | undefined {
  if (value === undefined) return undefined;
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (isObject && Object.values(value).every((header) => typeof header === 'string')) return value as Headers;
  throw new TypeError(`${name} must be an object of texts.`);
}

function payloadOrNothing(value: unknown, name: string): Payload | undefined {
  if (value === undefined || value === null || typeof value === 'string' || value instanceof Uint8Array)
    return value;
  throw new TypeError(`${name} must be a text, a Uint8Array or null: it is stored as it is.`);
}
