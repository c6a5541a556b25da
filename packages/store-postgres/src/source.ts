import { createRequire } from 'node:module';
import type { PgPool, PgPoolClient, PgQuery } from './client.ts';
import type { ConnectionSource } from './connections.ts';
import { storeFailure } from './errors.ts';
import type { KnexRoot } from './knex-transaction.ts';
import type { PostgresStoreSettings } from './options.ts';

/** How the store names its connections in `pg_stat_activity`, where the URL names none. */
const APPLICATION_NAME = 'outrelay';

/** A pool that is the store's own. */
interface OwnPool extends PgPool {
  on(event: 'error', listener: () => void): unknown;
  on(event: 'connect' | 'remove', listener: (client: RawClient) => void): unknown;
  end(): Promise<void>;
}

/** The part of the module `pg` that the store uses. */
export interface PgModule {
  readonly Pool: new (config: object) => OwnPool;
  readonly Client: new (config: object) => RawClient;
}

/** What a stream of replication goes through: the connection below a client. */
export interface RawConnection {
  once(event: 'replicationStart', listener: () => void): unknown;
  on(event: 'copyData', listener: (message: { readonly chunk: Buffer }) => void): unknown;
  sendCopyFromChunk(chunk: Buffer): void;
  readonly stream: { pause(): unknown; resume(): unknown; destroy(): unknown };
}

/** A client of `pg` with what listening needs. */
interface RawClient {
  query(query: PgQuery): Promise<unknown>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
  on(event: 'notification', listener: (message: { readonly channel: string }) => void): unknown;
  connect(): Promise<unknown>;
  end(): Promise<void>;
  readonly connection: RawConnection;
}

/** A connection that belongs to one source of hints, and is closed for good. */
export interface OwnClient extends Pick<RawClient, 'query' | 'on' | 'connection'> {
  dispose(): Promise<void>;
}

/** Milliseconds that the polite end of a connection may take. */
const END_MS = 1_000;
/** Milliseconds that calls under way may take when their store is closed. */
const CALLS_END_MS = 5_000;

/** Opens a connection of its own. */
export async function openClient(connectionString: string, config: object): Promise<OwnClient> {
  const { Client } = loadPg();
  const client = new Client({
    connectionString,
    application_name: APPLICATION_NAME,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    ...config,
  });
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    throw storeFailure(error);
  }
  return {
    query: (query) => client.query(query),
    on: client.on.bind(client),
    connection: client.connection,
    async dispose() {
      // A connection that does not answer must not keep anybody from ending.
      const timer = setTimeout(() => client.connection.stream.destroy(), END_MS);
      await client.end().catch(() => {});
      clearTimeout(timer);
    },
  };
}

/** Loads the driver, which is a peer dependency, where the store has to open connections by itself. */
export function loadPg(): PgModule {
  try {
    return createRequire(import.meta.url)('pg') as PgModule;
  } catch (cause) {
    throw new TypeError(
      'The store opens connections with the package "pg", which is not installed. Run: npm install pg',
      {
        cause,
      },
    );
  }
}

/** Where the connections of a store come from. */
export function connectionSource({
  url,
  pool,
  knex,
  maxConnections,
}: PostgresStoreSettings): ConnectionSource {
  if (pool !== undefined) return { connect: () => borrow(pool), end: async () => {} };
  if (knex !== undefined) return knexSource(knex);
  return ownPool(url as string, maxConnections);
}

/**
 * Borrows a connection that ends no process when it is cut in the moment it is handed out. The pool stops listening
 * then, and may meet the error in the same step, before a promise could tell the borrower; a callback is told at once.
 */
export function borrow(pool: PgPool): Promise<PgPoolClient> {
  return new Promise((resolve, reject) => {
    const connect = pool.connect.bind(pool) as (
      callback: (error: unknown, client?: PgPoolClient) => void,
    ) => PromiseLike<PgPoolClient> | undefined;
    const promised = connect((error, client) => {
      if (client === undefined) {
        reject(error);
        return;
      }
      const ignore = (): void => {};
      client.on('error', ignore);
      setImmediate(() => client.removeListener('error', ignore));
      resolve(client);
    });
    // Wrappers of a pool may know no callback.
    promised?.then(resolve, reject);
  });
}

function ownPool(url: string, max: number): ConnectionSource {
  let own: Pick<OwnPool, 'connect' | 'end'> | null = null;
  let ending: Promise<void> | null = null;
  return {
    connect() {
      if (ending !== null)
        return Promise.reject(new Error('Cannot use a pool after calling end on the pool'));
      own ??= openPool(url, max);
      return own.connect();
    },
    end: () => (ending ??= own?.end() ?? Promise.resolve()),
  };
}

function openPool(connectionString: string, max: number): Pick<OwnPool, 'connect' | 'end'> {
  const { Pool } = loadPg();
  const open = new Set<RawClient>();
  const pool = new Pool({
    connectionString,
    max,
    application_name: APPLICATION_NAME,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    // The relay's timers keep a process alive that has work; idle connections must not.
    allowExitOnIdle: true,
  });
  // An idle connection that breaks is replaced at the next use, which fails when that is not possible.
  pool.on('error', () => {});
  pool.on('connect', (client) => open.add(client));
  pool.on('remove', (client) => open.delete(client));
  return {
    connect: () => borrow(pool),
    async end() {
      // The pool waits for every call, and nothing else ends one on a connection that has gone silent.
      const timer = setTimeout(() => {
        for (const { connection } of open) connection.stream.destroy();
      }, CALLS_END_MS);
      await pool.end();
      clearTimeout(timer);
    },
  };
}

function knexSource({ client }: KnexRoot): ConnectionSource {
  return {
    async connect(): Promise<PgPoolClient> {
      const connection = await client.acquireConnection();
      return {
        query: (query) => connection.query(query),
        escapeLiteral: (value) => connection.escapeLiteral(value),
        on: (event, listener) => connection.on(event, listener),
        removeListener: (event, listener) => connection.removeListener(event, listener),
        getTransactionStatus: () => connection.getTransactionStatus?.(),
        release(failure) {
          // This is how knex marks a connection that its pool has to replace.
          if (failure !== undefined && failure !== false) {
            Object.assign(connection, { __knex__disposed: 'closed by Outrelay after a failure' });
          }
          void client.releaseConnection(connection);
        },
      };
    },
    end: async () => {},
  };
}
