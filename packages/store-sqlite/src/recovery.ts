import {
  type DeadLetterEdit,
  type Headers,
  type Payload,
  type RecoveryFacet,
  readOptions,
  uuidv7,
} from '@outrelay/core';
import { Chain } from './chain.ts';
import type { SqliteValue } from './client.ts';
import { type Condition, checkLimit } from './condition.ts';
import type { Connection, Session } from './connection.ts';
import { filterCondition, lettersOf, pageRequest } from './letters.ts';
import { CONTENT_COLUMNS } from './row.ts';
import { NOW_MS, type Tables } from './tables.ts';

/** Reads and resolves dead letters. Every verb that changes something is one transaction. */
export function recoveryFacet(connection: Connection, tables: Tables): RecoveryFacet {
  const { messages, delayed, deadLetters, sequence, sequenceName } = tables;
  const chain = new Chain(tables);
  const chosen = `dead_no IN (SELECT value FROM json_each(?))`;
  const markers = `dead = 1 AND position IN (SELECT position FROM ${deadLetters} WHERE ${chosen} AND blocking = 1)`;
  const sql = {
    now: `SELECT ${NOW_MS} AS now`,
    blockedKeys: `SELECT DISTINCT topic, message_key FROM ${deadLetters} WHERE ${chosen} AND blocking = 1 AND message_key IS NOT NULL`,
    dropMarkers: `DELETE FROM ${delayed} WHERE ${markers}`,
    bringBack: `INSERT INTO ${delayed} (position, ${CONTENT_COLUMNS}, available_at, attempts, redrives, blocks) SELECT position, ${CONTENT_COLUMNS}, ?, 0, redrives + 1, message_key IS NOT NULL FROM ${deadLetters} WHERE ${chosen}`,
    dropLetters: `DELETE FROM ${deadLetters} WHERE ${chosen}`,
    // A position is skipped, because relays of other processes notice a change by the sequence.
    ring: `UPDATE ${sequence} SET seq = seq + 1 WHERE name = ${sequenceName} COLLATE NOCASE`,
    copy: `INSERT INTO ${messages} (id, topic, message_key, content_type, headers, payload) SELECT ?, coalesce(?, topic), message_key, coalesce(?, content_type), coalesce(?, headers), iif(?, ?, payload) FROM ${deadLetters} WHERE dead_no = ?`,
    resolve: `UPDATE ${deadLetters} SET resolved_at = ? WHERE dead_no = ?`,
  };

  function choose(
    session: Session,
    { sql: condition, parameters }: Condition,
    limit: number,
  ): readonly number[] {
    const oldest = `SELECT dead_no FROM ${deadLetters} WHERE ${condition} ORDER BY dead_no LIMIT ?`;
    return session.rows(oldest, ...parameters, limit).map(([number]) => number as number);
  }

  /** Lets the keys that waited for the letters go on. */
  function unblock(session: Session, letters: string, now: number): void {
    const keys = session.rows(sql.blockedKeys, letters) as readonly [topic: string, key: string][];
    session.run(sql.dropMarkers, letters);
    for (const [topic, key] of keys) chain.promote(session, topic, key, now);
  }

  const nowOf = (session: Session): number => session.row(sql.now)?.[0] as number;

  return {
    async list(request = {}) {
      const page = pageRequest(request);
      // One more than the page tells whether there is a next one.
      const found = await connection.read((session) =>
        lettersOf(session, deadLetters, { ...page, limit: page.limit + 1 }),
      );
      const letters = found.slice(0, page.limit);
      return {
        letters: letters.map(({ letter }) => letter),
        next: found.length > page.limit ? String(letters.at(-1)?.number) : null,
      };
    },

    async redrive(filter, limit) {
      const condition = filterCondition('recovery.redrive', filter);
      checkLimit('recovery.redrive', limit);
      return connection.write((session) => {
        const numbers = choose(session, condition, limit);
        if (numbers.length === 0) return 0;
        const letters = JSON.stringify(numbers);
        session.run(sql.dropMarkers, letters);
        session.run(sql.bringBack, nowOf(session), letters);
        session.run(sql.dropLetters, letters);
        session.run(sql.ring);
        return numbers.length;
      });
    },

    async redriveEdited(id, edit) {
      const condition = filterCondition('recovery.redriveEdited', { ids: [id] });
      const values = editValues(edit);
      return connection.write((session) => {
        const [number] = choose(session, condition, 1);
        if (number === undefined) return null;
        const newId = uuidv7();
        session.run(sql.copy, newId, ...values, number);
        const now = nowOf(session);
        unblock(session, JSON.stringify([number]), now);
        session.run(sql.resolve, now, number);
        return newId;
      });
    },

    async discard(filter, limit) {
      const condition = filterCondition('recovery.discard', filter);
      checkLimit('recovery.discard', limit);
      return connection.write((session) => {
        const numbers = choose(session, condition, limit);
        if (numbers.length === 0) return 0;
        const letters = JSON.stringify(numbers);
        unblock(session, letters, nowOf(session));
        session.run(sql.dropLetters, letters);
        session.run(sql.ring);
        return numbers.length;
      });
    },
  };
}

/** Topic, content type, headers, whether there is another payload, and the payload; `null` keeps what was there. */
function editValues(edit: DeadLetterEdit): readonly SqliteValue[] {
  const owner = 'recovery.redriveEdited';
  const { topic, contentType, headers, payload } = readOptions(owner, edit, {
    topic: textOrNothing,
    contentType: textOrNothing,
    headers: headersOrNothing,
    payload: payloadOrNothing,
  });
  return [
    topic ?? null,
    contentType ?? null,
    headers === undefined ? null : JSON.stringify(headers),
    payload === undefined ? 0 : 1,
    payload ?? null,
  ];
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
