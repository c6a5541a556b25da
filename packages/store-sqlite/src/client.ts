/** A value that SQLite stores. */
export type SqliteValue = string | number | bigint | null | Uint8Array;

/** The part of a prepared statement that the store uses; better-sqlite3 and node:sqlite both have it. */
export interface SqliteStatement {
  run(...parameters: SqliteValue[]): { readonly changes: number | bigint };
  get(...parameters: SqliteValue[]): unknown;
  all(...parameters: SqliteValue[]): unknown[];
}

/**
 * The part of a database handle that the store uses.
 *
 * A `Database` of better-sqlite3 and a `DatabaseSync` of node:sqlite fit, and so does whatever behaves like one of
 * them. Handles are recognised by what they can do, never by their class, so several copies of a driver are no matter.
 */
export interface SqliteDatabase {
  prepare(sql: string): SqliteStatement;
  exec(sql: string): unknown;
  close(): unknown;
  /** Of better-sqlite3. */
  readonly inTransaction?: boolean | undefined;
  /** Of node:sqlite, from Node.js 22.16. */
  readonly isTransaction?: boolean | undefined;
}

/** The database class of a driver, which the store opens its own connections with. */
export type SqliteDriver<Db extends SqliteDatabase = SqliteDatabase> = new (
  file: string,
  options?: { timeout?: number },
) => Db;

/** Whether the value has the shape of a database handle. */
export function isDatabase(value: unknown): value is SqliteDatabase {
  const handle = value as Partial<Record<keyof SqliteDatabase, unknown>> | null;
  return (
    typeof handle === 'object' && typeof handle?.prepare === 'function' && typeof handle.exec === 'function'
  );
}

/** Whether a transaction is open on the handle. */
export function inTransaction(database: SqliteDatabase): boolean {
  const state = database.inTransaction ?? database.isTransaction;
  if (state !== undefined) return state;
  // Node.js 22.5 to 22.15 do not say. A deferred BEGIN takes no lock, and fails exactly when a transaction is open.
  try {
    database.exec('BEGIN');
  } catch {
    return true;
  }
  database.exec('ROLLBACK');
  return false;
}

/** A row as an array, in the order of the columns. */
export type SqliteRow = readonly unknown[];

/** A statement of the store's own connections: rows come as arrays, which is twice as fast as objects. */
export interface OwnStatement {
  /** Runs it and answers with the number of changed rows. */
  run(parameters: readonly SqliteValue[]): number;
  rows(parameters: readonly SqliteValue[]): readonly SqliteRow[];
}

/** What drivers offer for rows as arrays: the first is better-sqlite3's, the second node:sqlite's from 22.16. */
interface ArrayRows {
  reader?: boolean;
  raw?(toggle: boolean): unknown;
  setReturnArrays?(enabled: boolean): void;
}

/** Prepares a statement on one of the store's own connections. Columns need names that differ from each other. */
export function prepareOwn(database: SqliteDatabase, sql: string): OwnStatement {
  const statement = database.prepare(sql);
  const modes = statement as SqliteStatement & ArrayRows;
  let asArrays = true;
  if (modes.raw !== undefined) {
    if (modes.reader === true) modes.raw(true);
  } else if (modes.setReturnArrays !== undefined) {
    modes.setReturnArrays(true);
  } else {
    asArrays = false;
  }
  return {
    run: (parameters) => Number(statement.run(...parameters).changes),
    rows(parameters) {
      const rows = statement.all(...parameters);
      return asArrays
        ? (rows as SqliteRow[])
        : rows.map((row) => Object.values(row as Record<string, unknown>));
    },
  };
}
