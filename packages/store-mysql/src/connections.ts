import { setTimeout as sleep } from 'node:timers/promises';
import { OutboxError } from '@outrelay/core';
import { createPool, type Pool, type PoolConnection, type PoolOptions } from 'mysql2';
import type { MysqlHeader, MysqlRow } from './client.ts';
import { isConflict, isConnectionLoss, isReadOnly, storeFailure } from './errors.ts';
import type { MysqlStoreSettings } from './options.ts';

/** Tries of a transaction that lost a conflict. */
const TRIES = 8;
const MAX_CONFLICT_WAIT_MS = 200;

/** What a statement answered: rows, or a header. */
export type Answer = readonly MysqlRow[] | MysqlHeader;

/** Runs statements inside the transaction that a {@link Connections} has opened. Valid until that ends. */
export interface Session {
  /** Runs a statement and answers with the number of changed rows. */
  run(sql: string): Promise<number>;
  rows(sql: string): Promise<readonly MysqlRow[]>;
  /** Runs several statements in one round trip, up to the first that fails. */
  script(statements: readonly string[]): Promise<readonly Answer[]>;
}

/** Rows of an answer. */
export function rowsOf(answer: Answer | undefined): readonly MysqlRow[] {
  return answer as readonly MysqlRow[];
}

/** The number of rows that a statement changed. */
export function changesOf(answer: Answer | undefined): number {
  return (answer as MysqlHeader).affectedRows;
}

/**
 * How a transaction begins. The level stands in each of them: what a session, a role or a proxy has as default is not
 * ours to know. At READ COMMITTED nothing locks gaps, so that no producer ever waits for a relay; a snapshot is for
 * reads that must see several tables at one moment, and locks nothing at all.
 */
const BEGIN = {
  write: ['SET TRANSACTION ISOLATION LEVEL READ COMMITTED', 'START TRANSACTION'],
  snapshot: [
    'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ',
    'START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY',
  ],
} as const;

/** Milliseconds that calls under way may take when their store is closed. */
const CALLS_END_MS = 5_000;

/** The store's own connections: a small pool, opened at its first use. */
export class Connections {
  readonly #settings: MysqlStoreSettings;
  readonly #prepared = new WeakSet<PoolConnection>();
  readonly #verify: (session: Session) => Promise<void>;
  #verified: Promise<void> | null = null;
  readonly #open = new Set<PoolConnection>();
  #pool: Pool | null = null;
  #closed = false;

  /** @param verify - looks at the schema once, before anything else, and throws when it cannot be worked with */
  constructor(settings: MysqlStoreSettings, verify: (session: Session) => Promise<void>) {
    this.#settings = settings;
    this.#verify = verify;
  }

  /** Runs `work` on one snapshot of all tables. May run it again when the server gave it up. */
  read<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#verifiedFirst(() => this.#transaction(BEGIN.snapshot, work));
  }

  /** Runs `work` in a transaction at READ COMMITTED. May run it again, after a rollback. */
  write<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#verifiedFirst(() => this.#transaction(BEGIN.write, work));
  }

  /** Runs `work` outside of a transaction: for statements that only read, and need not agree. */
  look<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#verifiedFirst(() => this.#bare(work));
  }

  /** Runs `work` outside of a transaction and without a look at the schema, for statements that create it. */
  bare<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#bare(work);
  }

  /** Runs `work` of a caller once, in a transaction at the session's own level; its errors pass through untouched. */
  async lend<T>(work: (connection: PoolConnection) => Promise<T>): Promise<T> {
    const connection = await this.#acquire().catch((error: unknown) => {
      throw this.#failure(error);
    });
    let ended = false;
    try {
      await this.#send(connection, 'START TRANSACTION').catch((error: unknown) => {
        throw this.#failure(error);
      });
      const result = await work(connection);
      await this.#send(connection, 'COMMIT').catch((error: unknown) => {
        throw this.#failure(error);
      });
      ended = true;
      return result;
    } finally {
      await this.#giveBack(connection, ended);
    }
  }

  /** Closes all connections. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    const pool = this.#pool;
    this.#pool = null;
    if (pool === null) return;
    // The pool waits for every call, and nothing else ends one on a connection that has gone silent.
    const timer = setTimeout(() => {
      for (const connection of this.#open) breakOff(connection);
    }, CALLS_END_MS);
    await new Promise<void>((resolve) => pool.end(() => resolve()));
    clearTimeout(timer);
    // The pool has said good-bye and does not wait until the server hangs up.
    for (const connection of this.#open) connection.destroy();
  }

  async #verifiedFirst<T>(work: () => Promise<T>): Promise<T> {
    this.#verified ??= this.#bare(this.#verify).catch((error: unknown) => {
      this.#verified = null;
      throw error;
    });
    await this.#verified;
    return work();
  }

  async #bare<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#patiently(async (connection) => {
      const script = (statements: readonly string[]) => this.#script(connection, statements);
      return work(sessionOf(script));
    });
  }

  async #transaction<T>(begin: readonly string[], work: (session: Session) => Promise<T>): Promise<T> {
    return this.#patiently(async (connection) => {
      // The transaction begins with its first statement, in the same round trip.
      let before = begin;
      const script = async (statements: readonly string[]): Promise<readonly Answer[]> => {
        const answers = await this.#script(connection, [...before, ...statements]);
        const skipped = before.length;
        before = [];
        return answers.slice(skipped);
      };
      const result = await work(sessionOf(script));
      if (before.length === 0) await this.#send(connection, 'COMMIT');
      return result;
    });
  }

  /** Tries until no conflict is in the way, each time with a connection that is in order. */
  async #patiently<T>(attempt: (connection: PoolConnection) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      let connection: PoolConnection | null = null;
      let ended = false;
      try {
        connection = await this.#acquire();
        const result = await attempt(connection);
        ended = true;
        return result;
      } catch (error) {
        if (connection !== null && (isConnectionLoss(error) || isReadOnly(error))) {
          // After a failover the pooled connections lead to what is a replica now.
          connection.destroy();
          connection = null;
        }
        if (!isConflict(error) || tries === TRIES || this.#closed) throw this.#failure(error);
      } finally {
        if (connection !== null) await this.#giveBack(connection, ended);
      }
      // The half that is left to chance keeps relays that met once from meeting again.
      await sleep(Math.min(MAX_CONFLICT_WAIT_MS, 2 ** tries) * (0.5 + Math.random() / 2));
    }
  }

  #failure(error: unknown): unknown {
    if (this.#closed) return closed(this.#settings.tables.database, error);
    return storeFailure(error, this.#settings.tables.database);
  }

  async #acquire(): Promise<PoolConnection> {
    if (this.#closed) throw closed(this.#settings.tables.database);
    this.#pool ??= this.#openPool();
    const pool = this.#pool;
    const connection = await new Promise<PoolConnection>((resolve, reject) => {
      pool.getConnection((error, acquired) => (error === null ? resolve(acquired) : reject(error)));
    });
    if (this.#prepared.has(connection)) return connection;
    try {
      await this.#send(connection, sessionSettings(this.#settings));
    } catch (error) {
      connection.destroy();
      throw error;
    }
    this.#prepared.add(connection);
    return connection;
  }

  #openPool(): Pool {
    const pool = createPool(poolOptions(this.#settings));
    pool.on('connection', (connection) => {
      this.#open.add(connection);
      connection.once('end', () => this.#open.delete(connection));
    });
    return pool;
  }

  /** Gives a connection back to the pool; one whose transaction did not end is rolled back first, or dropped. */
  async #giveBack(connection: PoolConnection, ended: boolean): Promise<void> {
    if (!ended) {
      try {
        await this.#send(connection, 'ROLLBACK');
      } catch {
        connection.destroy();
        return;
      }
    }
    connection.release();
  }

  async #script(connection: PoolConnection, statements: readonly string[]): Promise<readonly Answer[]> {
    if (statements.length === 1) return [(await this.#send(connection, statements[0] as string)) as Answer];
    return (await this.#send(connection, statements.join(';\n'))) as readonly Answer[];
  }

  #send(connection: PoolConnection, sql: string): Promise<unknown> {
    const timeout = this.#settings.statementTimeoutMs;
    return new Promise((resolve, reject) => {
      connection.query({ sql, timeout }, (error, result) =>
        error === null ? resolve(result) : reject(error),
      );
    });
  }
}

function sessionOf(script: (statements: readonly string[]) => Promise<readonly Answer[]>): Session {
  return {
    script,
    run: async (sql) => changesOf((await script([sql]))[0]),
    rows: async (sql) => rowsOf((await script([sql]))[0]),
  };
}

function poolOptions({ connection, maxConnections }: MysqlStoreSettings): PoolOptions {
  return {
    enableKeepAlive: true,
    ...(connection as PoolOptions),
    connectionLimit: maxConnections,
    waitForConnections: true,
    // Everything below is what the statements of this package are written for.
    multipleStatements: true,
    charset: 'utf8mb4_bin',
    timezone: 'Z',
    rowsAsArray: true,
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: false,
    decimalNumbers: false,
    namedPlaceholders: false,
    typeCast: true,
  };
}

/** MariaDB turns long lists of `IN` into a join with a temporary table, which is not what the plans are made for. */
function sessionSettings({ lockTimeoutMs }: MysqlStoreSettings): string {
  return `SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00', autocommit = 1, innodb_lock_wait_timeout = ${Math.ceil(lockTimeoutMs / 1_000)} /*M! , in_predicate_conversion_threshold = 0 */`;
}

function closed(database: string, cause?: unknown): OutboxError {
  return new OutboxError('STORE_CLOSED', `The store on the database "${database}" was closed.`, { cause });
}

/** Ends a connection as a broken network would: `destroy` of the driver leaves the call that is under way without an answer. */
function breakOff(connection: PoolConnection): void {
  const { stream } = connection as unknown as { readonly stream: { destroy(error: Error): unknown } };
  stream.destroy(Object.assign(new Error('The store was closed.'), { code: 'PROTOCOL_CONNECTION_LOST' }));
}
