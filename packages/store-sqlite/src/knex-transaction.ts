import { describe, OutboxError } from '@outrelay/core';
import type { SqliteValue } from './client.ts';
import type { DatabaseFile } from './database-file.ts';
import { callerFailure } from './errors.ts';
import { awaitSteps, type Step, type Steps } from './steps.ts';

/** What knex binds to a parameter here. */
export type KnexValue = string | number | null | Buffer;

/**
 * A knex transaction on better-sqlite3, by shape: what `knex.transaction(…)` gives to its callback.
 *
 * The root of knex has no `isCompleted`, `commit` and `rollback`, so the compiler refuses it.
 */
export interface KnexTransaction {
  raw(sql: string, bindings: readonly KnexValue[]): PromiseLike<unknown>;
  isCompleted(): boolean;
  commit(): PromiseLike<unknown>;
  rollback(): PromiseLike<unknown>;
}

/** The root of knex, by shape. */
export interface KnexRoot<Trx extends KnexTransaction = KnexTransaction> {
  transaction(): Promise<Trx>;
}

const EXPECTED = 'a knex transaction on better-sqlite3';

/** The knex transactions that callers bring; what was found out about one is remembered as long as it lives. */
export class KnexTransactions {
  readonly #file: DatabaseFile;
  readonly #known = new WeakSet<object>();

  constructor(file: DatabaseFile) {
    this.#file = file;
  }

  /** Carries out steps in the caller's transaction. */
  async run<T>(value: unknown, steps: Steps<T>): Promise<T> {
    const transaction = checkTransaction(value);
    if (!this.#known.has(transaction)) {
      await this.#assertFile(transaction);
      this.#known.add(transaction);
    }
    try {
      return await awaitSteps(steps, (step) => execute(transaction, step));
    } catch (error) {
      throw callerFailure(error, this.#file.path);
    }
  }

  /** Runs `work` in a transaction of its own. */
  async runIn<Trx extends KnexTransaction, T>(
    root: KnexRoot<Trx>,
    work: (transaction: Trx) => Promise<T>,
  ): Promise<T> {
    const transaction = await root.transaction();
    try {
      const result = await work(transaction);
      await transaction.commit();
      return result;
    } catch (error) {
      if (!transaction.isCompleted()) await transaction.rollback();
      throw error;
    }
  }

  async #assertFile(transaction: KnexTransaction): Promise<void> {
    const databases = (await transaction.raw('PRAGMA database_list', [])) as {
      name: string;
      file: string | null;
    }[];
    const path = databases.find(({ name }) => name === 'main')?.file ?? '';
    if (path !== '' && this.#file.isAt(path)) return;
    throw new OutboxError(
      'TRANSACTION_FOREIGN',
      `The knex transaction is on ${path === '' ? 'a database in memory' : `"${path}"`}, but the outbox is in "${this.#file.path}". Open the same file, or give the store the other one.`,
    );
  }
}

/** The client behind a knex object, as far as it tells which database it speaks to. */
interface KnexClient {
  readonly dialect?: unknown;
  readonly driverName?: unknown;
}

function checkTransaction(value: unknown): KnexTransaction {
  if ((typeof value !== 'function' && typeof value !== 'object') || value === null) {
    throw new OutboxError('TRANSACTION_REQUIRED', `Expected ${EXPECTED}; got ${describe(value)}.`);
  }
  const { raw, isCompleted, client } = value as Partial<KnexTransaction> & { client?: KnexClient };
  if (typeof raw !== 'function') {
    throw new OutboxError(
      'TRANSACTION_FOREIGN',
      `Expected ${EXPECTED}; got ${describe(value)}. For handles of better-sqlite3 and node:sqlite there is sqliteStore.`,
    );
  }
  // Before any statement is sent: on another database it would fail, and take the caller's transaction with it.
  if (client?.driverName !== 'better-sqlite3') {
    throw new OutboxError(
      'TRANSACTION_FOREIGN',
      `Expected ${EXPECTED}; this one uses ${describe(client?.driverName)}.`,
    );
  }
  if (typeof isCompleted !== 'function') {
    throw new OutboxError(
      'TRANSACTION_REQUIRED',
      `Expected ${EXPECTED}; got the root of knex. Call append inside knex.transaction(…), with the handle its callback receives.`,
    );
  }
  if ((value as KnexTransaction).isCompleted()) {
    throw new OutboxError(
      'TRANSACTION_CLOSED',
      'The knex transaction has already been committed or rolled back. Append before that, and await the append.',
    );
  }
  return value as KnexTransaction;
}

async function execute(transaction: KnexTransaction, { sql, parameters, answer }: Step): Promise<number> {
  const response = await transaction.raw(sql, parameters.map(knexValue));
  if (answer === 'changes') return Number((response as { changes: number | bigint }).changes);
  const [row] = response as Record<string, number | bigint>[];
  return Number(Object.values(row ?? {})[0]);
}

function knexValue(value: SqliteValue): KnexValue {
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return typeof value === 'bigint' ? value.toString() : value;
}
