import { setTimeout as sleep } from 'node:timers/promises';
import { OutboxError } from '@outrelay/core';
import {
  inTransaction,
  type OwnStatement,
  prepareOwn,
  type SqliteDatabase,
  type SqliteDriver,
  type SqliteRow,
  type SqliteValue,
} from './client.ts';
import type { DatabaseFile } from './database-file.ts';
import { fileMissing, isBusy, storeFailure } from './errors.ts';

/** The longest wait between two attempts to get a lock, in milliseconds. */
const MAX_LOCK_WAIT_MS = 20;

/** 4 MB (SQLite counts kibibytes below zero): a relay meets every page but the first few once, so more gains nothing. */
const CACHE_SIZE = -4_000;

/**
 * How a commit on a connection of the store reaches the disk, which is a decision per connection in SQLite.
 *
 * - `NORMAL`, for the relay: in WAL mode a power cut may take the last commits back, never half of one and never out
 *   of order. What a relay commits can be lost harmlessly: a lost settle repeats a delivery, which at-least-once
 *   allows, and a lost claim died with its relay. In return no commit waits for the disk.
 * - `FULL`, for what callers write through the store (`transactions`, `recovery`): when the promise resolves it is on
 *   the disk.
 *
 * Appends are written on the caller's connection, with the caller's setting, and are as durable as the business write
 * beside them.
 */
export type Synchronous = 'NORMAL' | 'FULL';

/** What a connection needs to know. */
export interface ConnectionSettings<Db extends SqliteDatabase> {
  readonly file: DatabaseFile;
  readonly driver: SqliteDriver<Db>;
  readonly lockTimeoutMs: number;
  readonly synchronous: Synchronous;
  /** Whether the file may be created. */
  readonly create: boolean;
  /** Looks at a connection that was just opened, and throws when it cannot be worked with. */
  readonly verify: (session: Session) => void;
}

/** Runs statements inside the transaction that a {@link Connection} has opened. Valid until that ends. */
export interface Session {
  /** Runs a statement and answers with the number of changed rows. */
  run(sql: string, ...parameters: SqliteValue[]): number;
  rows(sql: string, ...parameters: SqliteValue[]): readonly SqliteRow[];
  /** The first row. */
  row(sql: string, ...parameters: SqliteValue[]): SqliteRow | undefined;
}

/**
 * A connection of the store's own, opened at its first use.
 *
 * It never waits inside the driver: the busy timeout is 0, and a lock that another connection holds is tried again
 * from a timer. Inside the driver the wait would freeze the process, also when the transaction that holds the lock
 * belongs to the same process and needs the event loop to end. Each transaction begins and ends without giving
 * control away, so no two of them ever mix.
 */
export class Connection<Db extends SqliteDatabase = SqliteDatabase> {
  readonly #settings: ConnectionSettings<Db>;
  readonly #statements = new Map<string, OwnStatement>();
  readonly #closing = new AbortController();
  readonly #session: Session;
  #database: Db | null = null;
  #written = false;

  constructor(settings: ConnectionSettings<Db>) {
    this.#settings = settings;
    this.#session = {
      run: (sql, ...parameters) => this.#prepare(sql).run(parameters),
      rows: (sql, ...parameters) => this.#prepare(sql).rows(parameters),
      row: (sql, ...parameters) => this.#prepare(sql).rows(parameters)[0],
    };
  }

  /** Runs `work` on one snapshot of the database. May run it again when a lock is in the way. */
  read<T>(work: (session: Session) => T): Promise<T> {
    return this.#own('BEGIN', work);
  }

  /** Runs `work` in a transaction that holds the write lock from its start. May run it again, after a rollback. */
  write<T>(work: (session: Session) => T): Promise<T> {
    return this.#own('BEGIN IMMEDIATE', (session) => {
      this.#written = true;
      return work(session);
    });
  }

  /** Whether anything was written since the last call. */
  takeWritten(): boolean {
    const written = this.#written;
    this.#written = false;
    return written;
  }

  /** Runs `work` outside of a transaction, for what SQLite does not allow inside of one. May run it again. */
  bare<T>(work: (session: Session) => T): Promise<T> {
    return this.#own(null, work);
  }

  /** Runs `work` at once and outside of a transaction. Throws what the driver throws, also when a lock is in the way. */
  glance<T>(work: (session: Session) => T): T {
    this.#assertOpen();
    this.#open();
    return work(this.#session);
  }

  /** Runs `work` of a caller once, in a transaction that holds the write lock; its errors pass through untouched. */
  async lend<T>(work: (database: Db) => T): Promise<T> {
    const { path } = this.#settings.file;
    const outcome = await this.#whenFree(() => {
      const database = this.#open();
      database.exec('BEGIN IMMEDIATE');
      try {
        return { value: commitAfter(database, work, path) };
      } catch (error) {
        // Not thrown here, where it might be taken for a lock in the way and the work be run again.
        return { error };
      } finally {
        rollBack(database);
      }
    });
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
  }

  /** Closes the connection, and refuses what waits for a lock. Idempotent. */
  close(): void {
    this.#closing.abort();
    this.#statements.clear();
    this.#database?.close();
    this.#database = null;
  }

  async #own<T>(begin: string | null, work: (session: Session) => T): Promise<T> {
    return this.#whenFree(() => {
      const database = this.#open();
      if (begin === null) return work(this.#session);
      this.#session.run(begin);
      try {
        const result = work(this.#session);
        this.#session.run('COMMIT');
        return result;
      } finally {
        rollBack(database);
      }
    });
  }

  /** Tries until no lock is in the way. Short waits at first: most transactions last less than a millisecond. */
  async #whenFree<T>(attempt: () => T): Promise<T> {
    const { file, lockTimeoutMs } = this.#settings;
    const startedAtMs = performance.now();
    for (let waitMs = 1; ; waitMs = Math.min(MAX_LOCK_WAIT_MS, waitMs * 2)) {
      this.#assertOpen();
      try {
        return attempt();
      } catch (error) {
        if (!isBusy(error) || performance.now() - startedAtMs >= lockTimeoutMs)
          throw storeFailure(error, file.path);
      }
      // The half that is left to chance keeps relays that met once from meeting again.
      await sleep(waitMs * (0.5 + Math.random() / 2), undefined, { signal: this.#closing.signal }).catch(
        () => {},
      );
    }
  }

  #assertOpen(): void {
    if (!this.#closing.signal.aborted) return;
    throw new OutboxError('STORE_CLOSED', `The store on "${this.#settings.file.path}" was closed.`);
  }

  #prepare(sql: string): OwnStatement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = prepareOwn(this.#open(), sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #open(): Db {
    if (this.#database !== null) return this.#database;
    const { file, driver, synchronous, create, verify } = this.#settings;
    if (!create && !file.exists) throw fileMissing(file.path);
    const database = new driver(file.path, { timeout: 0 });
    this.#database = database;
    try {
      database.exec(
        `PRAGMA busy_timeout = 0; PRAGMA synchronous = ${synchronous}; PRAGMA cache_size = ${CACHE_SIZE}`,
      );
      verify(this.#session);
      return database;
    } catch (error) {
      // What was not verified must not be taken for verified by the next call.
      this.#statements.clear();
      this.#database = null;
      database.close();
      throw error;
    }
  }
}

function commitAfter<Db extends SqliteDatabase, T>(database: Db, work: (database: Db) => T, path: string): T {
  const result = work(database);
  try {
    database.exec('COMMIT');
  } catch (error) {
    throw storeFailure(error, path);
  }
  return result;
}

/** After an error SQLite may have rolled back by itself; a second ROLLBACK would hide that error behind its own. */
function rollBack(database: SqliteDatabase): void {
  if (inTransaction(database)) database.exec('ROLLBACK');
}
