/** The time by the database's clock, whatever the time zone of the session. Columns of times hold UTC. */
export const NOW = 'UTC_TIMESTAMP(6)';

/** The number of partitions: a constant of the schema, in which the generated column computes the number of each row. */
export const PARTITIONS = 64;

/** The tables of one installation, each as `` `database`.`name` ``, so that no session's default database is meant. */
export interface Tables {
  readonly messages: string;
  readonly delayed: string;
  readonly partitions: string;
  readonly locks: string;
  readonly deadLetters: string;
  readonly history: string;
  readonly receipts: string;
  readonly attempts: string;
  readonly parked: string;
  readonly schema: string;
  /** The database that holds them, as it is named. */
  readonly database: string;
  /** The plain names, in an order in which they can be dropped. */
  readonly names: readonly string[];
}

/** Quotes a name with backticks, which mean the same in every `sql_mode`. */
export function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

const NAMES = [
  'outbox_messages',
  'outbox_delayed',
  'outbox_partitions',
  'outbox_locks',
  'outbox_dead_letters',
  'outbox_history',
  'inbox_receipts',
  'inbox_attempts',
  'inbox_parked',
  'outrelay_schema',
] as const;

/** Names the tables of the installation with this prefix in this database; options have checked both. */
export function tablesOf(database: string, prefix: string): Tables {
  const qualified = (name: (typeof NAMES)[number]): string => `${quoted(database)}.${quoted(prefix + name)}`;
  return {
    messages: qualified('outbox_messages'),
    delayed: qualified('outbox_delayed'),
    partitions: qualified('outbox_partitions'),
    locks: qualified('outbox_locks'),
    deadLetters: qualified('outbox_dead_letters'),
    history: qualified('outbox_history'),
    receipts: qualified('inbox_receipts'),
    attempts: qualified('inbox_attempts'),
    parked: qualified('inbox_parked'),
    schema: qualified('outrelay_schema'),
    database,
    names: NAMES.map((name) => prefix + name),
  };
}
