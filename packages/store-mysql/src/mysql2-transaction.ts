import {
  inTransaction,
  type MysqlConnection,
  type MysqlHeader,
  type MysqlPool,
  type MysqlPromisePool,
} from './client.ts';
import { type Server, serverOf, VERSION } from './server.ts';
import type { TransactionExecutor } from './transaction.ts';

type Shape = Partial<
  Record<'query' | 'execute' | 'beginTransaction' | 'getConnection' | 'connection' | 'pool', unknown>
>;

function shapeOf(value: unknown): Shape {
  return typeof value === 'object' && value !== null ? value : {};
}

/** Whether the value has the shape of a pool of mysql2, of either form. */
export function isPool(value: unknown): value is MysqlPool | MysqlPromisePool {
  const shape = shapeOf(value);
  return typeof shape.getConnection === 'function' && typeof shape.query === 'function';
}

/** The connection with callbacks that the value is, or wraps; `null` when it is no connection of mysql2. */
export function connectionOf(value: unknown): MysqlConnection | null {
  const shape = shapeOf(value);
  const functions = [shape.query, shape.execute, shape.beginTransaction];
  if (isPool(value) || !functions.every((member) => typeof member === 'function')) return null;
  return connectionOf(shape.connection) ?? (value as MysqlConnection);
}

/** Takes a connection from a pool; one of the form with promises wraps one with callbacks. */
export async function pooledConnection(pool: MysqlPool | MysqlPromisePool): Promise<unknown> {
  if (typeof shapeOf(pool).pool === 'object') return (pool as MysqlPromisePool).getConnection();
  return new Promise((resolve, reject) => {
    pool.getConnection((error: unknown, connection: unknown) => {
      if (error === null || error === undefined) resolve(connection);
      else reject(error);
    });
  });
}

/** Runs one statement as it is. */
export function query<T = MysqlHeader>(connection: MysqlConnection, sql: string): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    connection.query({ sql }, (error: unknown, result: unknown) => {
      if (error === null || error === undefined) resolve(result as T);
      else reject(error);
    });
  });
}

/** Runs statements on a connection, which does not know whether a transaction is open on it. */
export function connectionExecutor(connection: MysqlConnection): TransactionExecutor {
  return {
    kind: 'the connection of mysql2',
    state: () => 'unknown',
    execute: async (sql) => (await query(connection, sql)).affectedRows,
  };
}

/** Asks the server whether a transaction is open on a connection: every answer that is no rows tells. */
export async function hasTransaction(connection: MysqlConnection): Promise<boolean> {
  return inTransaction(await query(connection, 'DO 0'));
}

const servers = new WeakMap<object, Server>();

/** Which server a connection leads to; asked once for each. */
export async function serverBehind(connection: MysqlConnection): Promise<Server> {
  const known = servers.get(connection);
  if (known !== undefined) return known;
  const rows = await query<readonly object[]>(connection, VERSION);
  const server = serverOf(Object.values(rows[0] ?? {})[0]);
  servers.set(connection, server);
  return server;
}
