import { describe, integer, type OptionCheck, oneOf, readOptions } from '@outrelay/core';
import { isPool, type PgPool } from './client.ts';
import { isKnexRoot, type KnexRoot, type KnexTransaction } from './knex-transaction.ts';
import { type Tables, tablesOf } from './tables.ts';

/** Options of `postgresStore`; exactly one of `url`, `pool` and `knex` is given. */
export interface PostgresStoreOptions<Trx extends KnexTransaction = KnexTransaction> {
  /**
   * Where the database is, as in `postgres://user:password@host:5432/database`. The store opens a pool of its own at the
   * first use, and closes it.
   */
  readonly url?: string | undefined;
  /** A pool of `pg` that the application has. The store never ends it. */
  readonly pool?: PgPool | undefined;
  /** The root of knex with the driver `pg`. The store works on connections of its pool, and never destroys it. */
  readonly knex?: KnexRoot<Trx> | undefined;
  /** Connections that the store opens at most; only with `url`. Default: 10. */
  readonly maxConnections?: number | undefined;
  /** The schema of the tables; `schema.apply` creates it. Default: `outrelay`. */
  readonly schema?: string | undefined;
  /** Put in front of the names of all tables, so that several installations share a schema. Default: nothing. */
  readonly prefix?: string | undefined;
  /**
   * What is kept of sent messages. `'summary'`: id, topic, key, times and attempts. `'full'`: payload and headers too.
   * `'none'`: nothing, which is the fastest. Default: `'summary'`.
   */
  readonly history?: 'summary' | 'full' | 'none' | undefined;
  /** Milliseconds that history is kept. Default: 86,400,000 (a day). */
  readonly historyRetentionMs?: number | undefined;
  /** Milliseconds that inbox receipts are kept. Default: 2,592,000,000 (30 days). */
  readonly receiptRetentionMs?: number | undefined;
  /**
   * What shortens the wait between polls. `'none'`: nothing, and the store has no wake-ups. `'notify'`: every append
   * sends one NOTIFY per transaction; commits of appending transactions then wait for each other, in all databases of
   * the server. `'doorbell'`: a temporary replication slot tells of committed appends and takes no lock; it needs
   * `wal_level=logical` and a role that may replicate. Default: `'none'`.
   */
  readonly wakeups?: 'none' | 'notify' | 'doorbell' | undefined;
  /**
   * Where the connection of the wake-ups goes, when `url` or the pool goes through a pooler such as PgBouncer: a pooler
   * in transaction mode passes no wake-ups on. Default: the same place as all others.
   */
  readonly wakeupUrl?: string | undefined;
}

/** Checked {@link PostgresStoreOptions}. */
export interface PostgresStoreSettings {
  readonly url: string | undefined;
  readonly pool: PgPool | undefined;
  readonly knex: KnexRoot | undefined;
  readonly maxConnections: number;
  readonly tables: Tables;
  readonly history: 'summary' | 'full' | 'none';
  readonly historyRetentionMs: number;
  readonly receiptRetentionMs: number;
  readonly wakeups: 'none' | 'notify' | 'doorbell';
  readonly wakeupUrl: string | undefined;
}

const DAY_MS = 86_400_000;
const retention = (days: number): OptionCheck<number> => integer(days * DAY_MS, 0, Number.MAX_SAFE_INTEGER);

/** Checks the options of the store. */
export function readPostgresOptions<Trx extends KnexTransaction>(
  options: PostgresStoreOptions<Trx>,
): PostgresStoreSettings {
  const { schema, prefix, ...settings } = readOptions('postgresStore', options, {
    url: checkUrl,
    pool: checkPool,
    knex: checkKnex,
    maxConnections: integer(10, 2, 1_000),
    schema: checkSchema,
    prefix: checkPrefix,
    history: oneOf<'summary' | 'full' | 'none'>('summary', ['summary', 'full', 'none']),
    historyRetentionMs: retention(1),
    receiptRetentionMs: retention(30),
    wakeups: oneOf<'none' | 'notify' | 'doorbell'>('none', ['none', 'notify', 'doorbell']),
    wakeupUrl: checkUrl,
  });
  const given = [settings.url, settings.pool, settings.knex].filter((source) => source !== undefined);
  if (given.length !== 1) {
    throw new TypeError(
      `postgresStore needs exactly one of the options "url", "pool" and "knex"; got ${given.length} of them.`,
    );
  }
  if (settings.wakeups === 'doorbell' && settings.url === undefined && settings.wakeupUrl === undefined) {
    throw new TypeError(
      'postgresStore: wakeups "doorbell" needs a replication connection of its own; with "pool" or "knex" give its address in the option "wakeupUrl".',
    );
  }
  return { ...settings, tables: tablesOf(schema, prefix) };
}

function checkUrl(value: unknown, name: string): string | undefined {
  if (value === undefined || (typeof value === 'string' && /^postgres(?:ql)?:\/\//i.test(value)))
    return value;
  throw new TypeError(
    `${name} must be a URL such as postgres://user:password@host:5432/database; got ${describe(value)}.`,
  );
}

function checkPool(value: unknown, name: string): PgPool | undefined {
  if (value === undefined || isPool(value)) return value;
  throw new TypeError(
    `${name} must be a Pool of pg; got ${describe(value)}. A single client cannot serve several lanes at once.`,
  );
}

function checkKnex(value: unknown, name: string): KnexRoot | undefined {
  if (value === undefined || isKnexRoot(value)) return value;
  throw new TypeError(
    `${name} must be the root of knex, from knex({ client: 'pg', … }); got ${describe(value)}.`,
  );
}

/** The longest name of a schema: PostgreSQL cuts identifiers there. */
const MAX_NAME_BYTES = 63;

/** Checks the name of a schema. */
export function checkSchema(value: unknown, name: string): string {
  if (value === undefined) return 'outrelay';
  const valid =
    typeof value === 'string' &&
    value !== '' &&
    !value.includes('\0') &&
    !value.startsWith('pg_') &&
    Buffer.byteLength(value) <= MAX_NAME_BYTES;
  if (valid) return value;
  throw new TypeError(
    `${name} must be the name of a schema: 1 to ${MAX_NAME_BYTES} bytes, not beginning with "pg_"; got ${describe(value)}.`,
  );
}

/** Checks a prefix of tables. */
export function checkPrefix(value: unknown, name: string): string {
  if (value === undefined) return '';
  if (typeof value === 'string' && /^[A-Za-z_]\w{0,23}$/.test(value)) return value;
  throw new TypeError(
    `${name} must be 1 to 24 letters, digits or "_", not beginning with a digit; got ${describe(value)}.`,
  );
}
