import { identifier, text } from './literal.ts';

/** How many shares the messages are divided into. Part of the schema: the expression of `partition_no` holds it. */
export const PARTITIONS = 64;

/** The tables of one installation, each as `"schema"."name"`, so that no `search_path` matters. */
export interface Tables {
  readonly schema: string;
  readonly prefix: string;
  readonly messages: string;
  readonly delayed: string;
  readonly partitions: string;
  readonly leases: string;
  readonly deadLetters: string;
  readonly history: string;
  readonly receipts: string;
  readonly attempts: string;
  readonly parked: string;
  readonly versions: string;
  /** The sequence that positions are drawn from. */
  readonly positions: string;
  /** The plain names of the tables, in an order in which they can be dropped. */
  readonly names: readonly string[];
  /** The plain name of the sequence of positions. */
  readonly positionsName: string;
  /** A name of this installation for things that have no schema, at most 63 bytes. */
  readonly channel: string;
  index(name: string): string;
}

const NAMES = [
  'outbox_messages',
  'outbox_delayed',
  'outbox_partitions',
  'outbox_leases',
  'outbox_dead_letters',
  'outbox_history',
  'inbox_receipts',
  'inbox_attempts',
  'inbox_parked',
  'outrelay_schema',
] as const;

/** Names the tables of the installation in this schema and with this prefix, which options have checked. */
export function tablesOf(schema: string, prefix: string): Tables {
  const qualified = (name: string): string => `${identifier(schema)}.${identifier(prefix + name)}`;
  const [messages, delayed, partitions, leases, deadLetters, history, receipts, attempts, parked, versions] =
    NAMES;
  return {
    schema,
    prefix,
    messages: qualified(messages),
    delayed: qualified(delayed),
    partitions: qualified(partitions),
    leases: qualified(leases),
    deadLetters: qualified(deadLetters),
    history: qualified(history),
    receipts: qualified(receipts),
    attempts: qualified(attempts),
    parked: qualified(parked),
    versions: qualified(versions),
    positions: qualified('outbox_positions'),
    names: NAMES.map((name) => `${prefix}${name}`),
    positionsName: `${prefix}outbox_positions`,
    channel: channelOf(`${schema}.${prefix}`),
    index: (name) => identifier(`${prefix}${name}`),
  };
}

/** FNV-1a with 64 bits: short, and different for installations of different names. */
function channelOf(name: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(name)) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
  return `outrelay_${hash.toString(16).padStart(16, '0')}`;
}

/** A number that stands for the installation where PostgreSQL wants one: an advisory lock, a seed. */
export function seedOf(tables: Tables): string {
  return `hashtextextended(${text(tables.channel)}, 0)`;
}

/** The moment the script arrived at the server; a bound that indexes can use. */
export const NOW = 'statement_timestamp()';
/** This very moment: a script may have waited for a lock since it arrived. */
export const CLOCK = 'clock_timestamp()';

/** The same as it can be given back: a `Date` has milliseconds, and a filter compares with what it was told. */
export const CLOCK_MS = "date_trunc('milliseconds', clock_timestamp())";

/** So many milliseconds as an interval. */
export function interval(ms: number): string {
  return `(${ms} * interval '1 millisecond')`;
}

/**
 * A timestamp in whole milliseconds since 1970: the same in every time zone, date style and float format of the session.
 * Microseconds fit into a float, thousandths of them do not.
 */
export function epochMs(column: string): string {
  return `(date_part('epoch', ${column}) * 1000000)::bigint / 1000`;
}
