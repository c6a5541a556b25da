import { NOW_MS, type Tables } from '../tables.ts';

const bytes = (column: string): string => `length(CAST(${column} AS BLOB))`;

/** A UUID of version 4 in SQL, for writers that name no id. */
const UUID = `lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-' || substr('89ab', (random() & 3) + 1, 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))`;

/** The payload comes last: to read a column behind it, SQLite would have to walk through all of its pages. */
const CONTENT = `id TEXT NOT NULL, topic TEXT NOT NULL, message_key TEXT, content_type TEXT NOT NULL, created_at INTEGER NOT NULL`;
const BODY = 'headers TEXT NOT NULL, payload ANY';

/**
 * The first schema.
 *
 * STRICT, so that a column holds what it says whoever writes it; `ANY` is the type without conversion in such a table:
 * a text stays a text and bytes stay bytes. AUTOINCREMENT, because a position must never be used twice, also after the
 * table was empty. An index ends with the row id by itself, which is the position in the tables of messages.
 */
export function initial(tables: Tables): readonly string[] {
  const { messages, delayed, partitions, deadLetters, history, receipts, attempts, parked, schema } = tables;
  const plain = (table: string): string => table.slice('main.'.length);
  const index = (name: string, table: string, definition: string): string =>
    `CREATE INDEX ${tables.index(name).qualified} ON ${plain(table)} ${definition}`;
  return [
    `CREATE TABLE ${schema} (version INTEGER PRIMARY KEY, name TEXT NOT NULL, min_compatible INTEGER NOT NULL, applied_at INTEGER NOT NULL DEFAULT (${NOW_MS})) STRICT`,

    `CREATE TABLE ${messages} (position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL DEFAULT (${UUID}) UNIQUE CHECK (${bytes('id')} BETWEEN 1 AND 255), topic TEXT NOT NULL CHECK (${bytes('topic')} BETWEEN 1 AND 255), message_key TEXT CHECK (${bytes('message_key')} <= 512), content_type TEXT NOT NULL DEFAULT 'application/json', created_at INTEGER NOT NULL DEFAULT (${NOW_MS}), headers TEXT NOT NULL DEFAULT '{}', payload ANY CHECK (typeof(payload) <> 'integer' AND typeof(payload) <> 'real')) STRICT`,
    index('outbox_messages_topic', messages, '(topic)'),
    // Scheduled messages and redriven letters draw their position from here too, perhaps before the first message.
    `INSERT INTO ${tables.sequence} (name, seq) VALUES (${tables.sequenceName}, 0)`,

    `CREATE TABLE ${delayed} (position INTEGER PRIMARY KEY, ${CONTENT}, available_at INTEGER, scheduled_at INTEGER, attempts INTEGER NOT NULL, redrives INTEGER NOT NULL, blocks INTEGER NOT NULL CHECK (blocks IN (0, 1)), dead INTEGER NOT NULL DEFAULT 0 CHECK (dead IN (0, 1)), last_error TEXT, ${BODY}, CHECK (blocks = 0 OR message_key IS NOT NULL), CHECK (dead = 0 OR (blocks = 1 AND available_at IS NULL)), CHECK (available_at IS NOT NULL OR blocks = 1)) STRICT`,
    index('outbox_delayed_id', delayed, '(id)'),
    index('outbox_delayed_chain', delayed, '(topic, message_key) WHERE blocks = 1'),
    index('outbox_delayed_due', delayed, '(topic, available_at) WHERE available_at IS NOT NULL'),
    index('outbox_delayed_scheduled', delayed, '(available_at) WHERE blocks = 0 AND message_key IS NOT NULL'),

    `CREATE TABLE ${partitions} (partition_no INTEGER PRIMARY KEY, token TEXT, relay TEXT, expires_at INTEGER NOT NULL DEFAULT 0, released INTEGER NOT NULL DEFAULT 1, losses INTEGER NOT NULL DEFAULT 0, last_read INTEGER NOT NULL DEFAULT 0, suspect_left INTEGER NOT NULL DEFAULT 0) STRICT`,
    `INSERT INTO ${partitions} (partition_no) VALUES (0)`,

    `CREATE TABLE ${deadLetters} (dead_no INTEGER PRIMARY KEY AUTOINCREMENT, position INTEGER NOT NULL, ${CONTENT}, attempts INTEGER NOT NULL, redrives INTEGER NOT NULL, reason TEXT NOT NULL, blocking INTEGER NOT NULL, dead_at INTEGER NOT NULL, resolved_at INTEGER, error TEXT NOT NULL, ${BODY}) STRICT`,
    index('outbox_dead_letters_id', deadLetters, '(id)'),
    index('outbox_dead_letters_topic', deadLetters, '(topic) WHERE resolved_at IS NULL'),

    `CREATE TABLE ${history} (sent_no INTEGER PRIMARY KEY, id TEXT NOT NULL, topic TEXT NOT NULL, message_key TEXT, created_at INTEGER NOT NULL, sent_at INTEGER NOT NULL, attempts INTEGER NOT NULL, content_type TEXT, headers TEXT, payload ANY) STRICT`,
    index('outbox_history_id', history, '(id)'),

    `CREATE TABLE ${receipts} (consumer TEXT NOT NULL, message_id TEXT NOT NULL, recorded_at INTEGER NOT NULL DEFAULT (${NOW_MS}), PRIMARY KEY (consumer, message_id)) STRICT, WITHOUT ROWID`,
    index('inbox_receipts_recorded', receipts, '(recorded_at)'),

    `CREATE TABLE ${attempts} (consumer TEXT NOT NULL, message_id TEXT NOT NULL, attempts INTEGER NOT NULL, charged_at INTEGER NOT NULL DEFAULT (${NOW_MS}), PRIMARY KEY (consumer, message_id)) STRICT, WITHOUT ROWID`,
    index('inbox_attempts_charged', attempts, '(charged_at)'),

    `CREATE TABLE ${parked} (parked_no INTEGER PRIMARY KEY AUTOINCREMENT, consumer TEXT NOT NULL, ${CONTENT}, attempts INTEGER NOT NULL, redrives INTEGER NOT NULL, reason TEXT NOT NULL, parked_at INTEGER NOT NULL DEFAULT (${NOW_MS}), available_at INTEGER, error TEXT NOT NULL, ${BODY}, UNIQUE (consumer, id)) STRICT`,
    // Consumers look for redriven messages all the time, and there are hardly ever any.
    index('inbox_parked_available', parked, '(consumer, available_at) WHERE available_at IS NOT NULL'),
  ];
}
