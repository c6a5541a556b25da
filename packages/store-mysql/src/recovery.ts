import {
  type DeadLetterEdit,
  type Headers,
  type Payload,
  type RecoveryFacet,
  readOptions,
  uuidv7,
} from '@outrelay/core';
import { Chain, type ChainKey } from './chain.ts';
import { checkLimit } from './condition.ts';
import type { Connections, Session } from './connections.ts';
import { lock } from './lease.ts';
import { filterCondition, letterOf, lettersSql, pageRequest, type StoredLetter } from './letters.ts';
import { bytes, list, text, whole } from './literal.ts';
import { CONTENT_COLUMNS } from './row.ts';
import type { Tables } from './tables.ts';

/** Letters that were chosen, and the clock of the database as a literal. */
interface Chosen {
  readonly letters: readonly StoredLetter[];
  readonly now: string;
}

/**
 * Reads and resolves dead letters. Every verb that changes something is one transaction, which locks the rows of the
 * partitions first, as a settle does: the chains of the keys may change under no relay's hands.
 */
export function recoveryFacet(connections: Connections, tables: Tables): RecoveryFacet {
  const { messages, delayed, deadLetters } = tables;
  const chain = new Chain(tables);

  /** The oldest letters of a condition, with their partitions locked; `null` when there are none. */
  async function choose(session: Session, condition: string, limit: number): Promise<Chosen | null> {
    const seen = await session.rows(
      `SELECT dead_no, partition_no FROM ${deadLetters} WHERE ${condition} ORDER BY dead_no LIMIT ${whole(limit)}`,
    );
    if (seen.length === 0) return null;
    const { now } = await lock(session, tables, [...new Set(seen.map((row) => row[1] as number))]);
    // Somebody may have resolved them while this one waited for the locks.
    const numbers = list(seen.map(([number]) => whole(number as number)));
    const page = { condition: `dead_no IN ${numbers} AND resolved_at IS NULL`, limit, after: 0 };
    const rows = await session.rows(lettersSql(deadLetters, page));
    return rows.length === 0 ? null : { letters: rows.map(letterOf), now };
  }

  const dropMarkers = (letters: readonly StoredLetter[]): string =>
    `DELETE d FROM ${delayed} AS d FORCE INDEX (PRIMARY) WHERE d.position IN ${list(letters.map(({ position }) => whole(position)))} AND d.dead = 1`;
  const dropLetters = (letters: readonly StoredLetter[]): string =>
    `DELETE l FROM ${deadLetters} AS l FORCE INDEX (PRIMARY) WHERE l.dead_no IN ${numbersOf(letters)}`;

  return {
    async list(request = {}) {
      const page = pageRequest(request);
      // One more than the page tells whether there is a next one.
      const rows = await connections.read((session) =>
        session.rows(lettersSql(deadLetters, { ...page, limit: page.limit + 1 })),
      );
      const found = rows.map(letterOf);
      const letters = found.slice(0, page.limit);
      return {
        letters: letters.map(({ letter }) => letter),
        next: found.length > page.limit ? String(letters.at(-1)?.number) : null,
      };
    },

    async redrive(filter, limit) {
      const condition = filterCondition('recovery.redrive', filter);
      checkLimit('recovery.redrive', limit);
      return connections.write(async (session) => {
        const chosen = await choose(session, condition, limit);
        if (chosen === null) return 0;
        const { letters, now } = chosen;
        const reservations = letters.map(
          ({ position, createdAt, letter: { id, topic, key, contentType } }) =>
            `(${whole(position)},1,${text(id)},${text(topic)},${text(key)},${text(contentType)},'${createdAt}')`,
        );
        await session.script([
          dropMarkers(letters),
          `INSERT INTO ${delayed} (position, ${CONTENT_COLUMNS}, available_at, attempts, redrives, blocks) SELECT position, ${CONTENT_COLUMNS}, ${now}, 0, redrives + 1, message_key IS NOT NULL FROM ${deadLetters} FORCE INDEX (PRIMARY) WHERE dead_no IN ${numbersOf(letters)}`,
          // An id that was appended again after the death of its first message stays with the second one.
          `INSERT IGNORE INTO ${messages} (position, parked, id, topic, message_key, content_type, created_at) VALUES ${reservations.join(',')}`,
          dropLetters(letters),
        ]);
        return letters.length;
      });
    },

    async redriveEdited(id, edit) {
      const condition = filterCondition('recovery.redriveEdited', { ids: [id] });
      const change = readEdit(edit);
      return connections.write(async (session) => {
        const chosen = await choose(session, condition, 1);
        const [first] = chosen?.letters ?? [];
        if (chosen === null || first === undefined) return null;
        const newId = uuidv7();
        const { key } = first.letter;
        const { topic = first.letter.topic, contentType = first.letter.contentType } = change;
        const { headers = first.letter.headers, payload = first.letter.payload } = change;
        const body = typeof payload === 'string' ? `${text(payload)},NULL` : `NULL,${bytes(payload)}`;
        await session.script([
          `INSERT INTO ${messages} (id, topic, message_key, content_type, headers, payload, payload_bytes) VALUES (${text(newId)},${text(topic)},${text(key)},${text(contentType)},${text(JSON.stringify(headers))},${body})`,
          dropMarkers([first]),
          `UPDATE ${deadLetters} FORCE INDEX (PRIMARY) SET resolved_at = ${chosen.now} WHERE dead_no = ${whole(first.number)}`,
        ]);
        await chain.promote(session, blockedKeys([first]), chosen.now);
        return newId;
      });
    },

    async discard(filter, limit) {
      const condition = filterCondition('recovery.discard', filter);
      checkLimit('recovery.discard', limit);
      return connections.write(async (session) => {
        const chosen = await choose(session, condition, limit);
        if (chosen === null) return 0;
        const { letters, now } = chosen;
        await session.script([dropMarkers(letters), dropLetters(letters)]);
        await chain.promote(session, blockedKeys(letters), now);
        return letters.length;
      });
    },
  };
}

function numbersOf(letters: readonly StoredLetter[]): string {
  return list(letters.map(({ number }) => whole(number)));
}

/** Keys that wait for the letters. */
function blockedKeys(letters: readonly StoredLetter[]): readonly ChainKey[] {
  const keys = new Map<string, ChainKey>();
  for (const { letter } of letters) {
    const { topic, key, blocking } = letter;
    if (blocking && key !== null) keys.set(`${topic}\0${key}`, [topic, key]);
  }
  return [...keys.values()];
}

function readEdit(edit: DeadLetterEdit): DeadLetterEdit {
  return readOptions('recovery.redriveEdited', edit, {
    topic: textOrNothing,
    contentType: textOrNothing,
    headers: headersOrNothing,
    payload: payloadOrNothing,
  });
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
