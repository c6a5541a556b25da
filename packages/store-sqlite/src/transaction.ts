import { describe, OutboxError } from '@outrelay/core';
import { inTransaction, isDatabase, type SqliteDatabase, type SqliteStatement } from './client.ts';
import type { DatabaseFile } from './database-file.ts';
import { callerFailure } from './errors.ts';
import { runSteps, type Step, type Steps } from './steps.ts';

const EXPECTED = 'a handle of better-sqlite3 or node:sqlite with an open transaction';

/** The handles that callers bring, with what is remembered of each. */
export class CallerHandles {
  readonly #file: DatabaseFile;
  readonly #known = new WeakMap<object, CallerHandle>();

  constructor(file: DatabaseFile) {
    this.#file = file;
  }

  /**
   * Takes a handle on which a transaction is open, or, with `autocommit`, any handle on the store's file.
   *
   * A handle on another file would take the message there without a word, where no relay looks: it is refused.
   */
  take(value: unknown, autocommit: boolean): CallerHandle {
    const handle =
      (typeof value === 'object' && value !== null && this.#known.get(value)) || this.#meet(value);
    if (!autocommit && !handle.inTransaction) throw noTransaction(handle.database);
    return handle;
  }

  #meet(value: unknown): CallerHandle {
    if (!isDatabase(value)) throw notAHandle(value);
    const handle = new CallerHandle(value, this.#file.path);
    if ((value as { open?: unknown }).open === false || (value as { isOpen?: unknown }).isOpen === false)
      throw noTransaction(value);
    const path = handle.mainFile();
    if (path === '' || !this.#file.isAt(path)) {
      throw new OutboxError(
        'TRANSACTION_FOREIGN',
        `The handle is open on ${path === '' ? 'a database in memory' : `"${path}"`}, but the outbox is in "${this.#file.path}". Open the same file, or give the store the other one.`,
      );
    }
    this.#known.set(value, handle);
    return handle;
  }
}

/** A caller's handle on the store's file; statements are prepared once on it. */
export class CallerHandle {
  readonly database: SqliteDatabase;
  readonly #file: string;
  readonly #statements = new Map<string, SqliteStatement>();

  constructor(database: SqliteDatabase, file: string) {
    this.database = database;
    this.#file = file;
  }

  get inTransaction(): boolean {
    return inTransaction(this.database);
  }

  /** The path of the main database; empty for one in memory. */
  mainFile(): string {
    const databases = this.database.prepare('PRAGMA database_list').all() as {
      name: string;
      file: string | null;
    }[];
    return databases.find(({ name }) => name === 'main')?.file ?? '';
  }

  /** Carries out steps on the handle; only errors about the tables of the outbox are changed on their way out. */
  run<T>(steps: Steps<T>): T {
    try {
      return runSteps(steps, (step) => this.#execute(step));
    } catch (error) {
      throw callerFailure(error, this.#file);
    }
  }

  #execute({ sql, parameters, answer }: Step): number {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    if (answer === 'changes') return Number(statement.run(...parameters).changes);
    const row = statement.get(...parameters) as Record<string, number | bigint>;
    return Number(Object.values(row)[0]);
  }
}

function notAHandle(value: unknown): OutboxError {
  const got = `Expected ${EXPECTED}; got ${describe(value)}.`;
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
  if (!isObject) return new OutboxError('TRANSACTION_REQUIRED', got);
  const knex =
    typeof (value as { raw?: unknown }).raw === 'function'
      ? ' For knex there is @outrelay/store-sqlite/knex.'
      : '';
  return new OutboxError('TRANSACTION_FOREIGN', `${got}${knex}`);
}

function noTransaction(database: SqliteDatabase): OutboxError {
  const { open, isOpen } = database as { open?: boolean; isOpen?: boolean };
  if (open === false || isOpen === false)
    return new OutboxError('TRANSACTION_CLOSED', `Expected ${EXPECTED}; this one has been closed.`);
  return new OutboxError(
    'TRANSACTION_REQUIRED',
    `Expected ${EXPECTED}; on this one none is open. Call append inside db.transaction(…).immediate(), or between BEGIN IMMEDIATE and COMMIT.`,
  );
}
