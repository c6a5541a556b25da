import type { PoolClient } from 'pg';
import { CommandFailure, failureOf, TRANSIENT } from './command-failure.ts';
import { type Ask, askOn, type PostgresPool } from './postgres-session.ts';

/** Milliseconds after which an open transaction is given up, as MongoDB does by default. */
const LIFETIME_MS = 60_000;

/** Where outcomes of commits are kept, so that a commit that is asked for again, after a crash too, is answered truly. */
const OUTCOMES =
  'CREATE TABLE IF NOT EXISTS public.bridge_commits (session text PRIMARY KEY, number bigint NOT NULL)';
const REMEMBER =
  'INSERT INTO public.bridge_commits VALUES ($1, $2) ON CONFLICT (session) DO UPDATE SET number = excluded.number';
const REMEMBERED = 'SELECT max(number)::text AS number FROM public.bridge_commits WHERE session = $1';

interface OpenTransaction {
  readonly number: bigint;
  readonly client: PoolClient;
  readonly timer: NodeJS.Timeout;
}

/** Names a transaction: the session's id, and the number that counts up in it. */
export interface TransactionName {
  readonly session: string;
  readonly number: bigint;
}

/** The transactions of all sessions, each on a connection of its own. */
export class Transactions {
  readonly #pool: PostgresPool;
  readonly #open = new Map<string, OpenTransaction>();

  constructor(pool: PostgresPool) {
    this.#pool = pool;
  }

  /** Makes the table of outcomes. */
  async prepare(): Promise<void> {
    await this.#pool.ask(OUTCOMES, []);
  }

  /** Begins a transaction; one that the session left open before is rolled back. */
  async begin(name: TransactionName): Promise<Ask> {
    await this.#end(name.session, 'ROLLBACK');
    const client = await this.#pool.begin();
    const timer = setTimeout(() => void this.#end(name.session, 'ROLLBACK'), LIFETIME_MS);
    timer.unref();
    this.#open.set(name.session, { number: name.number, client, timer });
    return askOn(client);
  }

  /** The open transaction of that name. */
  find({ session, number }: TransactionName): Ask {
    const open = this.#open.get(session);
    if (open?.number === number) return askOn(open.client);
    throw new CommandFailure(
      251,
      'NoSuchTransaction',
      `Given transaction number ${number} does not match any in-progress transactions.`,
      [TRANSIENT],
    );
  }

  async commit(name: TransactionName): Promise<void> {
    const open = this.#open.get(name.session);
    if (open?.number !== name.number) {
      const { number } = await this.#pool.ask(REMEMBERED, [name.session]);
      if (number === String(name.number)) return;
      this.find(name);
    }
    try {
      await this.find(name)(REMEMBER, [name.session, name.number]);
    } catch (error) {
      await this.abort(name.session);
      throw failureOf(error, true);
    }
    await this.#end(name.session, 'COMMIT');
  }

  /** Rolls back what the session has open, if anything. */
  abort(session: string): Promise<void> {
    return this.#end(session, 'ROLLBACK');
  }

  async #end(session: string, verb: 'COMMIT' | 'ROLLBACK'): Promise<void> {
    const open = this.#open.get(session);
    if (open === undefined) return;
    this.#open.delete(session);
    clearTimeout(open.timer);
    try {
      await open.client.query(verb);
      open.client.release();
    } catch (error) {
      open.client.release(true);
      if (verb === 'COMMIT') throw failureOf(error, false);
    }
  }
}
