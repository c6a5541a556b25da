import { type ClientBase, Pool, type PoolClient } from 'pg';
import { isConflict } from './command-failure.ts';

/** Milliseconds that a statement inside a transaction waits for a lock; MongoDB does not wait for documents at all. */
const LOCK_TIMEOUT_MS = 20;

/** A statement, its parameters, and the one row it answers with. */
export type Ask = (sql: string, parameters: readonly unknown[]) => Promise<Record<string, unknown>>;

/** Asks on a connection that somebody holds. Statements get names, so that each is planned once per connection. */
export function askOn(client: ClientBase): Ask {
  return async (sql, parameters) => {
    const { rows } = await client.query<Record<string, unknown>>({
      name: statementName(sql),
      text: sql,
      values: [...parameters],
    });
    return rows[0] ?? {};
  };
}

const names = new Map<string, string>();

function statementName(sql: string): string {
  const known = names.get(sql);
  if (known !== undefined) return known;
  const name = `s${names.size}`;
  names.set(sql, name);
  return name;
}

/** Connections to PostgreSQL for commands outside of transactions, and new ones for transactions and cursors. */
export class PostgresPool {
  readonly #pool: Pool;

  constructor(url: string) {
    this.#pool = new Pool({ connectionString: url, max: 40, idleTimeoutMillis: 60_000 });
    // The pool drops a connection that fails while it is idle; whoever comes next gets another one.
    this.#pool.on('error', () => {});
  }

  /** Asks in a transaction of its own; runs again, as MongoDB does, what lost against another writer. */
  async ask(sql: string, parameters: readonly unknown[]): Promise<Record<string, unknown>> {
    for (;;) {
      const client = await this.#pool.connect();
      try {
        const row = await askOn(client)(sql, parameters);
        client.release();
        return row;
      } catch (error) {
        client.release(!isConflict(error));
        if (!isConflict(error)) throw error;
      }
    }
  }

  /** Begins a transaction that sees one snapshot, and answers with the connection it is on. */
  async begin(): Promise<PoolClient> {
    const client = await this.#pool.connect();
    try {
      await client.query(
        `BEGIN ISOLATION LEVEL REPEATABLE READ; SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`,
      );
      return client;
    } catch (error) {
      client.release(true);
      throw error;
    }
  }

  /** A connection on which a cursor can stay open. */
  connect(): Promise<PoolClient> {
    return this.#pool.connect();
  }

  close(): Promise<void> {
    return this.#pool.end();
  }
}
