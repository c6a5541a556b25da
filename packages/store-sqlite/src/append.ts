import { type AppendReport, type Headers, type NewMessage, OutboxError } from '@outrelay/core';
import { ask, change, type Steps } from './steps.ts';
import { NOW_MS, type Tables } from './tables.ts';

/** How several statements become one that happens or does not. */
export type Frame = 'savepoint' | 'transaction';

const FRAMES: Readonly<Record<Frame, { begin: string; end: string; undo: readonly string[] }>> = {
  savepoint: {
    begin: 'SAVEPOINT outrelay_append',
    end: 'RELEASE outrelay_append',
    undo: ['ROLLBACK TO outrelay_append', 'RELEASE outrelay_append'],
  },
  transaction: { begin: 'BEGIN IMMEDIATE', end: 'COMMIT', undo: ['ROLLBACK'] },
};

/** The columns of the content, in the order in which they are bound. */
const COLUMNS = 'id, topic, message_key, content_type, headers, payload';

/**
 * Writes messages in the caller's transaction, all or none.
 *
 * The first statement is always a write: in a transaction that was begun without IMMEDIATE, SQLite lets a first write
 * wait for its turn, and refuses one that follows a read as soon as somebody else has committed.
 */
export function appender(
  tables: Tables,
): (messages: readonly NewMessage[], frame: Frame) => Steps<AppendReport> {
  const { messages: fresh, delayed, sequence, sequenceName } = tables;
  const sql = {
    // An id that is pending among the delayed becomes NULL, which no row may have: that message is left out as well.
    insertNew: `INSERT OR IGNORE INTO ${fresh} (${COLUMNS}) VALUES (iif(EXISTS (SELECT 1 FROM ${delayed} WHERE id = ?), NULL, ?), ?, ?, ?, ?, ?)`,
    insert: `INSERT INTO ${fresh} (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)`,
    isPending: `SELECT EXISTS (SELECT 1 FROM ${fresh} WHERE id = ?) OR EXISTS (SELECT 1 FROM ${delayed} WHERE id = ?)`,
    draw: `UPDATE ${sequence} SET seq = seq + 1 WHERE name = ${sequenceName} COLLATE NOCASE`,
    schedule: `INSERT INTO ${delayed} (position, created_at, attempts, redrives, blocks, ${COLUMNS}, available_at, scheduled_at) SELECT seq, ${NOW_MS}, 0, 0, 0, ?, ?, ?, ?, ?, ?, ?, ? FROM ${sequence} WHERE name = ${sequenceName} COLLATE NOCASE`,
  };

  /** Answers `false` when the id is pending. */
  function* write(message: NewMessage): Steps<boolean> {
    const { id, topic, key, contentType, payload, availableAt } = message;
    const headers = headersText(message.headers);
    if (availableAt === null) {
      if ((yield change(sql.insertNew, [id, id, topic, key, contentType, headers, payload])) === 1)
        return true;
      if ((yield ask(sql.isPending, [id, id])) === 1) return false;
      // Something else than the id was in the way; without OR IGNORE it says what.
      yield change(sql.insert, [id, topic, key, contentType, headers, payload]);
      return true;
    }
    if ((yield change(sql.draw)) !== 1) throw sequenceGone();
    if ((yield ask(sql.isPending, [id, id])) === 1) return false;
    const time = availableAt.getTime();
    yield change(sql.schedule, [id, topic, key, contentType, headers, payload, time, time]);
    return true;
  }

  return function* append(messages, frame) {
    const [first] = messages;
    if (frame === 'savepoint' && messages.length === 1 && first !== undefined) {
      // The most frequent append: one statement that happens or does not, to which a savepoint would add two.
      return { duplicates: (yield* write(first)) ? [] : [first.id] };
    }
    const { begin, end, undo } = FRAMES[frame];
    yield change(begin);
    try {
      const duplicates: string[] = [];
      for (const message of messages) if (!(yield* write(message))) duplicates.push(message.id);
      yield change(end);
      return { duplicates };
    } catch (error) {
      try {
        for (const statement of undo) yield change(statement);
      } catch {
        // After a full disk or a conflict SQLite has rolled back everything by itself; the first error tells why.
      }
      throw error;
    }
  };
}

/** Most messages have no headers, and this is much faster for them. */
function headersText(headers: Headers): string {
  for (const _ in headers) return JSON.stringify(headers);
  return '{}';
}

function sequenceGone(): OutboxError {
  return new OutboxError(
    'STORE_SCHEMA_OUTDATED',
    'The table sqlite_sequence has lost the row of the outbox, from which positions are drawn. Put it back with the highest position ever used.',
  );
}
