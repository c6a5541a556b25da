import { identifier, numbers } from '../literal.ts';
import { PARTITIONS, type Tables } from '../tables.ts';

const WITHIN_KEY = `message_key text COLLATE "C" CHECK (octet_length(message_key) <= 512)`;
const TOPIC = `topic text COLLATE "C" NOT NULL CHECK (octet_length(topic) BETWEEN 1 AND 255)`;
const ID = `id text COLLATE "C" NOT NULL`;
const CHECKED_ID = `CHECK (octet_length(id) BETWEEN 1 AND 255)`;
const BODY = `payload text, payload_bytes bytea, CHECK (payload IS NULL OR payload_bytes IS NULL)`;

/** The remainder by a power of two, as a mask: `hashtext` is negative for half of all keys. */
const PARTITION = `partition_no smallint NOT NULL GENERATED ALWAYS AS ((hashtext(coalesce(message_key, id)) & ${PARTITIONS - 1})::smallint) STORED`;

/**
 * The first schema.
 *
 * Texts are compared by bytes (`COLLATE "C"`), whatever the database does: order and hash must not change with a
 * library of the operating system. Positions come from an identity column, so that whoever may INSERT may draw one, and
 * one by one, so that a later INSERT never has an earlier one. Rows of `outbox_partitions` and `outbox_leases` are few
 * and rewritten in place, for which they have room.
 */
export function initial(tables: Tables): readonly string[] {
  const {
    messages,
    delayed,
    partitions,
    leases,
    deadLetters,
    history,
    receipts,
    attempts,
    parked,
    versions,
  } = tables;
  const index = (name: string, table: string, definition: string): string =>
    `CREATE INDEX ${tables.index(name)} ON ${table} ${definition}`;
  const schema = identifier(tables.schema);
  return [
    `CREATE TABLE ${versions} (version integer PRIMARY KEY, name text NOT NULL, min_compatible integer NOT NULL, applied_at timestamptz NOT NULL DEFAULT clock_timestamp())`,

    `CREATE TABLE ${messages} (position bigint GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME ${schema}.${identifier(tables.positionsName)} CACHE 1) PRIMARY KEY, ${PARTITION}, ${ID} DEFAULT gen_random_uuid()::text UNIQUE ${CHECKED_ID}, ${TOPIC}, ${WITHIN_KEY}, content_type text NOT NULL DEFAULT 'application/json', created_at timestamptz NOT NULL DEFAULT clock_timestamp(), headers json NOT NULL DEFAULT '{}', ${BODY})`,
    index('outbox_messages_read', messages, '(topic, partition_no, position)'),

    `CREATE TABLE ${delayed} (position bigint PRIMARY KEY, ${PARTITION}, ${ID} ${CHECKED_ID}, ${TOPIC}, ${WITHIN_KEY}, content_type text NOT NULL, created_at timestamptz NOT NULL, available_at timestamptz, scheduled_at timestamptz, attempts integer NOT NULL, redrives integer NOT NULL, blocks boolean NOT NULL, dead boolean NOT NULL DEFAULT false, last_error text, headers json NOT NULL, ${BODY}, CHECK (NOT blocks OR message_key IS NOT NULL), CHECK (NOT dead OR (blocks AND available_at IS NULL)), CHECK (available_at IS NOT NULL OR blocks))`,
    index('outbox_delayed_id', delayed, '(id)'),
    index('outbox_delayed_chain', delayed, '(topic, message_key, position) WHERE blocks'),
    index(
      'outbox_delayed_due',
      delayed,
      '(topic, partition_no, available_at) WHERE available_at IS NOT NULL',
    ),
    index('outbox_delayed_next', delayed, '(available_at) WHERE available_at IS NOT NULL'),
    index('outbox_delayed_scheduled', delayed, '(available_at) WHERE NOT blocks AND message_key IS NOT NULL'),

    `CREATE TABLE ${leases} (token text COLLATE "C" PRIMARY KEY, relay text NOT NULL, expires_at timestamptz NOT NULL, wanted smallint[], wanted_at timestamptz) WITH (fillfactor = 50)`,
    `CREATE TABLE ${partitions} (partition_no smallint PRIMARY KEY, token text COLLATE "C", released boolean NOT NULL DEFAULT true, served_at timestamptz NOT NULL DEFAULT '-infinity', reserved_until timestamptz, losses integer NOT NULL DEFAULT 0, last_read integer NOT NULL DEFAULT 0, suspect_left integer NOT NULL DEFAULT 0) WITH (fillfactor = 50)`,
    `INSERT INTO ${partitions} (partition_no) SELECT unnest(${numbers([...new Array(PARTITIONS).keys()], 'smallint')})`,

    `CREATE TABLE ${deadLetters} (dead_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, position bigint NOT NULL, ${PARTITION}, ${ID}, ${TOPIC}, ${WITHIN_KEY}, content_type text NOT NULL, created_at timestamptz NOT NULL, attempts integer NOT NULL, redrives integer NOT NULL, reason text NOT NULL, blocking boolean NOT NULL, dead_at timestamptz NOT NULL, resolved_at timestamptz, error text NOT NULL, headers json NOT NULL, ${BODY})`,
    index('outbox_dead_letters_id', deadLetters, '(id)'),
    index('outbox_dead_letters_topic', deadLetters, '(topic) WHERE resolved_at IS NULL'),

    `CREATE TABLE ${history} (${ID}, ${TOPIC}, ${WITHIN_KEY}, created_at timestamptz NOT NULL, sent_at timestamptz NOT NULL, attempts integer NOT NULL, content_type text, headers json, payload text, payload_bytes bytea)`,
    index('outbox_history_id', history, '(id)'),
    index('outbox_history_sent', history, '(sent_at)'),

    `CREATE TABLE ${receipts} (consumer text COLLATE "C" NOT NULL, message_id text COLLATE "C" NOT NULL, recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(), PRIMARY KEY (consumer, message_id))`,
    index('inbox_receipts_recorded', receipts, '(recorded_at)'),

    `CREATE TABLE ${attempts} (consumer text COLLATE "C" NOT NULL, message_id text COLLATE "C" NOT NULL, attempts integer NOT NULL, charged_at timestamptz NOT NULL DEFAULT clock_timestamp(), PRIMARY KEY (consumer, message_id))`,
    index('inbox_attempts_charged', attempts, '(charged_at)'),

    `CREATE TABLE ${parked} (parked_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, consumer text COLLATE "C" NOT NULL, ${ID}, ${TOPIC}, ${WITHIN_KEY}, content_type text NOT NULL, created_at timestamptz NOT NULL, attempts integer NOT NULL, redrives integer NOT NULL, reason text NOT NULL, parked_at timestamptz NOT NULL DEFAULT date_trunc('milliseconds', clock_timestamp()), available_at timestamptz, error text NOT NULL, headers json NOT NULL, ${BODY}, UNIQUE (consumer, id))`,
    // Consumers look for redriven messages all the time, and there are hardly ever any.
    index('inbox_parked_available', parked, '(consumer, available_at) WHERE available_at IS NOT NULL'),
  ];
}
