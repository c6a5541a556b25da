import { Database as Database13 } from '@outrelay/better-sqlite3-13';
import Database from 'better-sqlite3';
import type { SqliteDatabase, SqliteDriver } from '../../src/client.ts';
import { nodeSqlite } from '../../src/driver.ts';

/** A driver under test. */
export interface TestedDriver {
  readonly name: string;
  readonly driver: SqliteDriver;
}

/** What a driver is called, and its class where this version of Node.js has it. */
const KNOWN: readonly (readonly [name: string, driver: SqliteDriver | undefined])[] = [
  ['better-sqlite3', Database],
  ['better-sqlite3 13', Database13],
  ['node:sqlite', nodeSqlite()],
];

/** Every driver that this version of Node.js has: better-sqlite3 13 from 22 on, node:sqlite from 22.5 on. */
export const DRIVERS: readonly TestedDriver[] = KNOWN.flatMap(([name, driver]) =>
  driver === undefined ? [] : [{ name, driver }],
);

/** The names of the others. */
export const ABSENT_DRIVERS: readonly string[] = KNOWN.flatMap(([name, driver]) =>
  driver === undefined ? [name] : [],
);

/** Opens a handle as an application would. It gives up on a lock at once, because nothing here may block. */
export function openDatabase(driver: SqliteDriver, file: string): SqliteDatabase {
  return new driver(file, { timeout: 0 });
}
