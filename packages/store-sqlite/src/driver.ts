import { createRequire } from 'node:module';
import { join } from 'node:path';
import process from 'node:process';
import { describe } from '@outrelay/core';
import type { SqliteDatabase, SqliteDriver } from './client.ts';

/**
 * Checks the option `driver`, or finds one: better-sqlite3 as the application has it, better-sqlite3 as this package
 * has it, node:sqlite of the runtime. Throws a `TypeError` that says what to install when there is none.
 */
export function chooseDriver<Db extends SqliteDatabase>(value: unknown, name: string): SqliteDriver<Db> {
  if (value !== undefined) return checkDriver(value, name) as SqliteDriver<Db>;
  const found = betterSqlite3() ?? nodeSqlite();
  if (found !== undefined) return found as SqliteDriver<Db>;
  throw new TypeError(
    `${name}: no SQLite driver was found. Install one with "npm install better-sqlite3" ("better-sqlite3@12" before Node.js 22), run Node.js 22.5 or newer, which has node:sqlite, or pass the Database class of a driver.`,
  );
}

function checkDriver(value: unknown, name: string): SqliteDriver {
  const prototype =
    typeof value === 'function' ? (value.prototype as Partial<SqliteDatabase> | undefined) : undefined;
  if (typeof prototype?.prepare === 'function') return value as SqliteDriver;
  throw new TypeError(
    `${name} must be a database class, such as Database of better-sqlite3 or DatabaseSync of node:sqlite; got ${describe(value)}.`,
  );
}

/** The application's copy comes first: it was built for the runtime, and there should be only one in a process. */
function betterSqlite3(): SqliteDriver | undefined {
  for (const base of [join(process.cwd(), 'package.json'), import.meta.url]) {
    const require = createRequire(base);
    try {
      const { version } = require('better-sqlite3/package.json') as { version: string };
      const refusal = refusalOf(version, process.versions.node);
      if (refusal !== null) throw new TypeError(refusal);
      return require('better-sqlite3') as SqliteDriver;
    } catch (error) {
      // A copy that is there and broken is a finding; only its absence is a reason to look further.
      if ((error as { code?: unknown }).code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  return undefined;
}

/**
 * Why a version of better-sqlite3 cannot be loaded by a version of Node.js, or `null`. npm installs 13 on Node.js 20
 * with no more than a warning, and there it ends the process without a word.
 */
export function refusalOf(version: string, node: string): string | null {
  if (Number.parseInt(version) < 13 || Number.parseInt(node) >= 22) return null;
  return `better-sqlite3 ${version} needs Node.js 22 or newer; this is ${node}. Install the version for it with "npm install better-sqlite3@12".`;
}

/** `undefined` on Node.js before 22.5. */
export function nodeSqlite(): SqliteDriver | undefined {
  // Not there before 20.16, and typed without it.
  const { getBuiltinModule } = process as { getBuiltinModule?: (id: string) => unknown };
  const module = getBuiltinModule?.('node:sqlite') as { DatabaseSync?: SqliteDriver } | undefined;
  return module?.DatabaseSync;
}
