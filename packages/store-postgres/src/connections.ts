import { breaksConnection, storeFailure } from './errors.ts';
import type { PgClient, PgPoolClient, PgRow } from './client.ts';
import type { OwnClient } from './source.ts';

/** Where connections come from: a pool of `pg`, or that of knex. */
export interface ConnectionSource {
  connect(): Promise<PgPoolClient>;
  /** Closes what the store itself has opened. */
  end(): Promise<void>;
}

/** The rows of each statement of a script, in order. */
export type ScriptRows = readonly (readonly PgRow[])[];

/** Sends statements together and answers with the rows of each. */
export type Ask = (statements: readonly string[]) => Promise<ScriptRows>;

/**
 * How a script begins. The level is pinned here, because a role, a database or a session may have another default; the
 * settings end with the transaction, so that they cannot leak through a pooler.
 */
const LOOK = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY';
const CHANGE = 'BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE';
/**
 * Every statement of a relay is bounded by an index, but an estimate can say otherwise: right after a table was filled
 * or emptied, its statistics are those of before. The compiler would take longer than the statement.
 */
const PLANS: readonly string[] = ['seqscan', 'bitmapscan', 'hashjoin', 'mergejoin']
  .map((method) => `SET LOCAL enable_${method} = off`)
  .concat('SET LOCAL jit = off');

const RAW = {
  getTypeParser:
    () =>
    (value: string): string =>
      value,
};

/** Runs the statements of the store on connections of a pool. */
export class Connections {
  readonly #source: ConnectionSource;

  constructor(source: ConnectionSource) {
    this.#source = source;
  }

  /** Looks, on one snapshot. */
  look(statements: readonly string[]): Promise<ScriptRows> {
    return this.#script(LOOK, statements);
  }

  /**
   * Runs statements in one transaction, each on a snapshot of its own, in one round trip.
   *
   * Locks are never held while the client is waited for: a relay that stalls, or whose connection is cut, keeps nobody
   * waiting. Values stand in the statements as literals; there is no other way to send several at once.
   */
  change(statements: readonly string[]): Promise<ScriptRows> {
    return this.#script(CHANGE, statements);
  }

  #script(begin: string, statements: readonly string[]): Promise<ScriptRows> {
    return this.use(async (client) => {
      const rows = await send(client, [begin, ...PLANS, ...statements, 'COMMIT']);
      return rows.slice(1 + PLANS.length, -1);
    });
  }

  /** Changes in several steps of one transaction, each of which has a snapshot of its own. For what people ask for. */
  changeOn<T>(work: (ask: Ask) => Promise<T>): Promise<T> {
    return this.#steps(CHANGE, work);
  }

  /** Looks several times on one snapshot; `work` decides by what it found what to ask next. Locks nothing. */
  lookOn<T>(work: (ask: Ask) => Promise<T>): Promise<T> {
    return this.#steps(LOOK, work);
  }

  #steps<T>(begin: string, work: (ask: Ask) => Promise<T>): Promise<T> {
    return this.use(async (client) => {
      await send(client, [begin, ...PLANS]);
      const result = await work((statements) => send(client, statements));
      await client.query({ text: 'COMMIT' });
      return result;
    });
  }

  /**
   * Lends a connection to `work`; whatever transaction a failure leaves open is rolled back.
   *
   * Errors come out as `OutboxError` where they are the database's.
   */
  async use<T>(work: (client: PgClient) => Promise<T>): Promise<T> {
    let client: PgPoolClient;
    try {
      client = await this.#source.connect();
    } catch (error) {
      throw storeFailure(error);
    }
    // Without a listener, a connection that breaks while it is on loan would end the process.
    client.on('error', ignore);
    let failure: unknown = null;
    try {
      return await work(client);
    } catch (error) {
      failure = error;
      throw storeFailure(error);
    } finally {
      await giveBack(client, failure);
    }
  }

  /** Takes a connection out of the pool for good: it is closed when it is disposed of. */
  async borrow(): Promise<OwnClient> {
    let client: PgPoolClient;
    try {
      client = await this.#source.connect();
    } catch (error) {
      throw storeFailure(error);
    }
    client.on('error', ignore);
    const raw = client as unknown as OwnClient;
    return {
      query: (query) => client.query(query),
      on: raw.on.bind(raw),
      connection: raw.connection,
      dispose: async () => client.release(true),
    };
  }

  async end(): Promise<void> {
    await this.#source.end();
  }
}

async function send(client: PgClient, statements: readonly string[]): Promise<ScriptRows> {
  const answer = await client.query({ text: statements.join('; '), rowMode: 'array', types: RAW });
  const results = (Array.isArray(answer) ? answer : [answer]) as readonly {
    readonly rows: readonly PgRow[];
  }[];
  return results.map(({ rows }) => rows);
}

async function giveBack(client: PgPoolClient, failure: unknown): Promise<void> {
  let broken = failure !== null && breaksConnection(failure);
  if (failure !== null && !broken) {
    try {
      await client.query({ text: 'ROLLBACK' });
    } catch {
      broken = true;
    }
  }
  client.removeListener('error', ignore);
  client.release(broken);
}

function ignore(): void {}
