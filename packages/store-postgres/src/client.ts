/** A row as an array, in the order of the columns; every value is the text that PostgreSQL sent. */
export type PgRow = readonly (string | null)[];

/** A statement for `pg`, as an object. */
export interface PgQuery {
  readonly text: string;
  readonly values?: unknown[];
  readonly rowMode?: 'array';
  readonly types?: { getTypeParser(): (value: string) => string };
}

/**
 * The part of a connection of `pg` that the store uses.
 *
 * A `Client` and a `PoolClient` fit, a `Pool` does not: it has no `escapeLiteral`, and each of its queries may run on
 * another connection. Handles are recognised by what they can do, never by their class, so several copies of the driver
 * are no matter.
 */
export interface PgClient {
  query(query: PgQuery): Promise<unknown>;
  escapeLiteral(text: string): string;
  on(event: 'error', listener: (error: Error) => void): unknown;
  removeListener(event: 'error', listener: (error: Error) => void): unknown;
  /** From pg 8.21. `'I'`: none is open. `'T'`: one is. `'E'`: one is, and has failed. */
  getTransactionStatus?(): string | null | undefined;
}

/** A connection on loan from a pool. */
export interface PgPoolClient extends PgClient {
  /** Gives the connection back; with an error or `true` it is closed instead. */
  release(failure?: Error | boolean): void;
}

/** The part of a pool of `pg` that the store uses. */
export interface PgPool {
  connect(): Promise<PgPoolClient>;
  /** Tells a pool from a client. */
  readonly totalCount: number;
}

/** Whether the value has the shape of a connection. */
export function isClient(value: unknown): value is PgClient {
  const client = value as Partial<Record<keyof PgClient, unknown>> | null;
  return (
    typeof client === 'object' &&
    typeof client?.query === 'function' &&
    typeof client.escapeLiteral === 'function' &&
    !isPool(value)
  );
}

/** Whether the value has the shape of a pool. */
export function isPool(value: unknown): value is PgPool {
  const pool = value as Partial<Record<keyof PgPool, unknown>> | null;
  return (
    typeof pool === 'object' && typeof pool?.connect === 'function' && typeof pool.totalCount === 'number'
  );
}
