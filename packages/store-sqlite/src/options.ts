import { integer, type OptionCheck, oneOf, readOptions } from '@outrelay/core';
import type { SqliteDatabase, SqliteDriver } from './client.ts';
import { DatabaseFile } from './database-file.ts';
import { chooseDriver } from './driver.ts';
import { type Tables, tablesOf } from './tables.ts';

/** Options of `sqliteStore`. */
export interface SqliteStoreOptions<Db extends SqliteDatabase = SqliteDatabase> {
  /**
   * Path of the database file: the one your business tables are in. Relative to the working directory at the time of
   * the call. A database in memory is refused, because the relay reads through a connection of its own.
   */
  readonly file: string;
  /**
   * The database class that the store opens its own connections with: `Database` of better-sqlite3 12 or
   * `DatabaseSync` of node:sqlite. Default: better-sqlite3 when it is installed, else node:sqlite.
   */
  readonly driver?: SqliteDriver<Db> | undefined;
  /**
   * Put in front of the names of all tables, so that several installations share a file. Letters, digits and `_`, at
   * most 32, not beginning with a digit. Default: nothing.
   */
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
   * Milliseconds between looks at whether another connection has committed. Where the operating system reports writes
   * to the log, as on local disks, a look follows each report, and those by the clock come every 100 ms at most;
   * elsewhere the wait from commit to publish is about this long. Longer costs latency, shorter costs idle CPU.
   * Default: 5.
   */
  readonly wakeupIntervalMs?: number | undefined;
  /**
   * Milliseconds that the store waits for a lock of another connection before it fails with `STORE_CONFLICT`. The wait
   * never blocks the event loop. Default: 5,000.
   */
  readonly lockTimeoutMs?: number | undefined;
}

/** Checked {@link SqliteStoreOptions}. */
export interface SqliteStoreSettings<Db extends SqliteDatabase = SqliteDatabase> {
  readonly file: DatabaseFile;
  readonly driver: SqliteDriver<Db>;
  readonly tables: Tables;
  readonly history: 'summary' | 'full' | 'none';
  readonly historyRetentionMs: number;
  readonly receiptRetentionMs: number;
  readonly wakeupIntervalMs: number;
  readonly lockTimeoutMs: number;
}

const DAY_MS = 86_400_000;
const retention = (days: number): OptionCheck<number> => integer(days * DAY_MS, 0, Number.MAX_SAFE_INTEGER);

/** Checks the options that every store of this package takes. */
export function readSqliteOptions<Db extends SqliteDatabase>(
  owner: string,
  options: SqliteStoreOptions<Db>,
): SqliteStoreSettings<Db> {
  const { prefix, ...settings } = readOptions(owner, options, {
    file: checkFile,
    driver: chooseDriver<Db>,
    prefix: checkPrefix,
    history: oneOf<'summary' | 'full' | 'none'>('summary', ['summary', 'full', 'none']),
    historyRetentionMs: retention(1),
    receiptRetentionMs: retention(30),
    wakeupIntervalMs: integer(5, 1, 60_000),
    lockTimeoutMs: integer(5_000, 0, 600_000),
  });
  return { ...settings, tables: tablesOf(prefix) };
}

function checkFile(value: unknown, name: string): DatabaseFile {
  if (typeof value !== 'string') throw new TypeError(`${name} must be the path of a database file.`);
  if (value === '' || value.includes(':memory:') || value.includes('mode=memory')) {
    throw new TypeError(
      `${name} must be the path of a file: a database in memory belongs to one connection, and the relay needs its own. For tests, use a file in a temporary directory, or @outrelay/store-memory.`,
    );
  }
  if (value.startsWith('file:')) throw new TypeError(`${name} must be a plain path; URIs are not taken.`);
  return new DatabaseFile(value);
}

function checkPrefix(value: unknown, name: string): string {
  if (value === undefined) return '';
  if (typeof value === 'string' && /^[A-Za-z_]\w{0,31}$/.test(value) && !/^sqlite_/i.test(value))
    return value;
  throw new TypeError(
    `${name} must be 1 to 32 letters, digits or "_", not begin with a digit, and not with "sqlite_", which SQLite keeps for itself.`,
  );
}
