import { NOW, PARTITIONS } from '../tables.ts';
import { type ColumnDefinition, column, nullable, type TableDefinition } from './table.ts';

const POSITION = 'bigint unsigned';
const TIME = 'datetime(6)';
const FLAG = 'tinyint unsigned';
const COUNT = 'int unsigned';

const ID = column('id', 'varchar(255)');
const TOPIC = column('topic', 'varchar(255)');
const KEY = nullable('message_key', 'varchar(512)');
const PARTITION = `(CRC32(COALESCE(message_key, id)) & ${PARTITIONS - 1})`;

/** A payload is text where it is text and bytes where it is bytes; at most one of the two is set. */
const BODY: readonly ColumnDefinition[] = [
  column('headers', 'longtext', "DEFAULT ('{}')"),
  nullable('payload', 'longtext'),
  nullable('payload_bytes', 'longblob'),
];
const CONTENT: readonly ColumnDefinition[] = [
  ID,
  TOPIC,
  KEY,
  column('content_type', 'varchar(255)'),
  column('created_at', TIME),
];

/**
 * The tables of the first schema.
 *
 * A row of `outbox_messages` whose content has gone to `outbox_delayed` stays as a reservation (`parked`): the unique
 * index on the id is what makes a repeated id a duplicate, and a look into the other table would have to lock a gap in
 * it, for which relays would wait. A reservation has no partition, so it is in the way of no read.
 *
 * An index on two of the three long columns just fits into the 3,072 bytes that InnoDB allows.
 */
export const INITIAL_TABLES: readonly TableDefinition[] = [
  {
    name: 'outrelay_schema',
    columns: [
      column('version', COUNT),
      column('name', 'varchar(255)'),
      column('min_compatible', COUNT),
      column('applied_at', TIME, `DEFAULT (${NOW})`),
    ],
    primaryKey: ['version'],
    indexes: {},
  },
  {
    name: 'outbox_messages',
    columns: [
      column('position', POSITION, 'AUTO_INCREMENT'),
      column('parked', FLAG, 'DEFAULT 0'),
      column('id', 'varchar(255)', 'DEFAULT (UUID())'),
      TOPIC,
      KEY,
      nullable('partition_no', FLAG, `GENERATED ALWAYS AS (IF(parked = 0, ${PARTITION}, NULL)) STORED`),
      column('content_type', 'varchar(255)', "DEFAULT 'application/json'"),
      column('created_at', TIME, `DEFAULT (${NOW})`),
      ...BODY,
    ],
    primaryKey: ['position'],
    indexes: {
      outbox_messages_id: ['id'],
      outbox_messages_read: ['topic', 'partition_no', 'position'],
    },
    unique: ['outbox_messages_id'],
    checks: {
      outbox_messages_id_bytes: 'OCTET_LENGTH(id) BETWEEN 1 AND 255',
      outbox_messages_topic_bytes: 'OCTET_LENGTH(topic) BETWEEN 1 AND 255',
      outbox_messages_key_bytes: 'OCTET_LENGTH(message_key) <= 512',
      outbox_messages_payload_once: 'payload IS NULL OR payload_bytes IS NULL',
    },
  },
  {
    name: 'outbox_delayed',
    columns: [
      column('position', POSITION),
      ...CONTENT,
      nullable('partition_no', FLAG, `GENERATED ALWAYS AS ${PARTITION} STORED`),
      nullable('available_at', TIME),
      nullable('scheduled_at', TIME),
      column('attempts', COUNT),
      column('redrives', COUNT),
      column('blocks', FLAG),
      column('dead', FLAG, 'DEFAULT 0'),
      nullable(
        'joins_at',
        TIME,
        'GENERATED ALWAYS AS (IF(blocks = 0 AND message_key IS NOT NULL, available_at, NULL)) STORED',
      ),
      nullable('last_error', 'longtext'),
      ...BODY,
    ],
    primaryKey: ['position'],
    indexes: {
      outbox_delayed_id: ['id'],
      outbox_delayed_chain: ['topic', 'message_key', 'blocks'],
      outbox_delayed_due: ['topic', 'available_at', 'partition_no'],
      outbox_delayed_next: ['available_at'],
      outbox_delayed_joins: ['joins_at', 'partition_no'],
      outbox_delayed_blocks: ['blocks'],
    },
    checks: {
      outbox_delayed_blocks_key: 'blocks = 0 OR message_key IS NOT NULL',
      outbox_delayed_dead_blocks: 'dead = 0 OR (blocks = 1 AND available_at IS NULL)',
      outbox_delayed_due_or_behind: 'available_at IS NOT NULL OR blocks = 1',
    },
  },
  {
    name: 'outbox_partitions',
    columns: [
      column('partition_no', FLAG),
      nullable('token', 'varchar(64)'),
      nullable('relay', 'varchar(255)'),
      column('expires_at', TIME, `DEFAULT (${NOW})`),
      column('released', FLAG, 'DEFAULT 1'),
      column('served_at', TIME, `DEFAULT (${NOW})`),
      nullable('wanted_by', 'varchar(255)'),
      nullable('wanted_at', TIME),
      column('losses', COUNT, 'DEFAULT 0'),
      column('last_read', COUNT, 'DEFAULT 0'),
      column('suspect_left', COUNT, 'DEFAULT 0'),
    ],
    primaryKey: ['partition_no'],
    indexes: {},
  },
  {
    name: 'outbox_locks',
    columns: [column('lock_no', 'smallint unsigned')],
    primaryKey: ['lock_no'],
    indexes: {},
  },
  {
    name: 'outbox_dead_letters',
    columns: [
      column('dead_no', POSITION, 'AUTO_INCREMENT'),
      column('position', POSITION),
      ...CONTENT,
      nullable('partition_no', FLAG, `GENERATED ALWAYS AS ${PARTITION} STORED`),
      column('attempts', COUNT),
      column('redrives', COUNT),
      column('reason', 'varchar(64)'),
      column('blocking', FLAG),
      column('dead_at', TIME),
      nullable('resolved_at', TIME),
      column('error', 'longtext'),
      ...BODY,
    ],
    primaryKey: ['dead_no'],
    indexes: {
      outbox_dead_letters_id: ['id'],
      outbox_dead_letters_topic: ['topic', 'resolved_at'],
    },
  },
  {
    name: 'outbox_history',
    columns: [
      column('sent_at', TIME),
      column('position', POSITION),
      ID,
      TOPIC,
      KEY,
      column('created_at', TIME),
      column('attempts', COUNT),
      nullable('content_type', 'varchar(255)'),
      nullable('headers', 'longtext'),
      nullable('payload', 'longtext'),
      nullable('payload_bytes', 'longblob'),
    ],
    // In the order of sending: it grows at one end and is purged at the other.
    primaryKey: ['sent_at', 'position'],
    indexes: { outbox_history_id: ['id'] },
  },
  {
    name: 'inbox_receipts',
    columns: [
      column('consumer', 'varchar(255)'),
      column('message_id', 'varchar(255)'),
      column('recorded_at', TIME, `DEFAULT (${NOW})`),
    ],
    primaryKey: ['consumer', 'message_id'],
    indexes: { inbox_receipts_recorded: ['recorded_at'] },
  },
  {
    name: 'inbox_attempts',
    columns: [
      column('consumer', 'varchar(255)'),
      column('message_id', 'varchar(255)'),
      column('attempts', COUNT),
      column('charged_at', TIME, `DEFAULT (${NOW})`),
    ],
    primaryKey: ['consumer', 'message_id'],
    indexes: { inbox_attempts_charged: ['charged_at'] },
  },
  {
    name: 'inbox_parked',
    columns: [
      column('parked_no', POSITION, 'AUTO_INCREMENT'),
      column('consumer', 'varchar(255)'),
      ...CONTENT,
      column('attempts', COUNT),
      column('redrives', COUNT),
      column('reason', 'varchar(64)'),
      column('parked_at', TIME, `DEFAULT (${NOW})`),
      nullable('available_at', TIME),
      column('error', 'longtext'),
      ...BODY,
    ],
    primaryKey: ['parked_no'],
    indexes: {
      inbox_parked_delivery: ['consumer', 'id'],
      // Consumers look for redriven messages all the time, and there are hardly ever any.
      inbox_parked_available: ['consumer', 'available_at'],
    },
    unique: ['inbox_parked_delivery'],
  },
];
