/** A row as an array, in the order of the columns. */
export type MysqlRow = readonly unknown[];

/** What a statement that changes rows answers with. */
export interface MysqlHeader {
  readonly affectedRows: number;
  readonly insertId: number;
  readonly serverStatus?: number | undefined;
}

/** How mysql2 answers in its form with callbacks. */
export type MysqlCallback = (error: unknown, result: unknown) => void;

/**
 * The part of a connection of mysql2 that the store uses for appends: its callback form.
 *
 * Handles are recognised by what they can do, never by their class, so several copies of the driver are no matter.
 */
export interface MysqlConnection {
  query(options: { sql: string }, callback: MysqlCallback): unknown;
  beginTransaction(callback: (error: unknown) => void): unknown;
}

/** The same for a connection of `mysql2/promise`, which wraps one with callbacks. */
export interface MysqlPromiseConnection {
  query(options: { sql: string }): Promise<readonly [unknown, ...unknown[]]>;
  beginTransaction(): Promise<void>;
}

/** A pool of mysql2, by shape; accepted only where no transaction is asked for. */
export interface MysqlPool {
  getConnection(callback: (error: unknown, connection: never) => void): unknown;
  query(options: { sql: string }, callback: MysqlCallback): unknown;
}

/** A pool of `mysql2/promise`, by shape. */
export interface MysqlPromisePool {
  getConnection(): Promise<unknown>;
  query(options: { sql: string }): Promise<readonly [unknown, ...unknown[]]>;
}

/** The handles of a transaction that the store takes. */
export type MysqlHandle = MysqlConnection | MysqlPromiseConnection;
/** Whether a transaction is open, in the status that comes with an answer; see the protocol's SERVER_STATUS_IN_TRANS. */
export function inTransaction({ serverStatus = 0 }: MysqlHeader): boolean {
  return (serverStatus & 1) === 1;
}
