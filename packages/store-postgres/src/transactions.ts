import type { TransactionsFacet } from '@outrelay/core';
import { isPool } from './client.ts';
import { Connections } from './connections.ts';
import { storeFailure } from './errors.ts';
import { isKnexRoot, knexExecutor, type KnexRoot, type KnexTransaction } from './knex-transaction.ts';
import { borrow } from './source.ts';
import {
  executorOf,
  hasTransaction,
  type TransactionExecutor,
  type TransactionHandle,
} from './transaction.ts';

/** Opens transactions: on a connection of the pool, or with knex where the store was given its root. */
export class OwnTransactions {
  readonly #connections: Connections;
  readonly #knex: KnexRoot | undefined;

  constructor(connections: Connections, knex: KnexRoot | undefined) {
    this.#connections = connections;
    this.#knex = knex;
  }

  /** Runs `work` in a transaction; the handle is lent, and must not be used afterwards. */
  run<T>(work: (handle: TransactionHandle, executor: TransactionExecutor) => Promise<T>): Promise<T> {
    return this.#knex === undefined ? this.#onConnection(work) : runInKnex(this.#knex, work);
  }

  async #onConnection<T>(
    work: (handle: TransactionHandle, executor: TransactionExecutor) => Promise<T>,
  ): Promise<T> {
    let thrown: { readonly error: unknown } | null = null;
    try {
      return await this.#connections.use(async (client) => {
        await client.query({ text: 'BEGIN' });
        try {
          const result = await work(client, executorOf(client));
          await commit(client);
          return result;
        } catch (error) {
          thrown = { error };
          throw error;
        }
      });
    } catch (error) {
      // What `work` threw is the caller's and passes as it is.
      throw thrown === null ? error : (thrown as { error: unknown }).error;
    }
  }
}

/** A COMMIT of a transaction in which a statement had failed answers without an error that it rolled back. */
async function commit(client: { query(query: { text: string }): Promise<unknown> }): Promise<void> {
  const { command } = (await client.query({ text: 'COMMIT' })) as { command?: unknown };
  if (command === 'ROLLBACK') {
    throw storeFailure(
      Object.assign(new Error('the transaction was rolled back, because one of its statements had failed'), {
        code: '25P02',
      }),
    );
  }
}

/** Runs `work` in a transaction of knex. */
async function runInKnex<T>(
  knex: KnexRoot,
  work: (handle: KnexTransaction, executor: TransactionExecutor) => Promise<T>,
): Promise<T> {
  let transaction: KnexTransaction;
  try {
    transaction = await knex.transaction();
  } catch (error) {
    // Nothing of the caller has run, so this is a failure of the database.
    throw storeFailure(error);
  }
  try {
    const result = await work(transaction, knexExecutor(transaction));
    await transaction.commit();
    return result;
  } catch (error) {
    if (!transaction.isCompleted()) await transaction.rollback();
    throw error;
  }
}

/** Opens transactions for callers that have none. */
export function transactionsFacet(
  transactions: OwnTransactions,
): TransactionsFacet<TransactionHandle, 'async'> {
  return { run: (work) => transactions.run((handle) => work(handle)) };
}

/** Does something in a transaction of its own on a pool, root or client of the caller; where one is open, in that one. */
export async function inOwnTransaction<T>(
  handle: unknown,
  work: (executor: TransactionExecutor) => Promise<T>,
): Promise<T> {
  if (isKnexRoot(handle)) return runInKnex(handle, (_, executor) => work(executor));
  if (isPool(handle)) {
    const connections = new Connections({ connect: () => borrow(handle), end: async () => {} });
    return new OwnTransactions(connections, undefined).run((_, executor) => work(executor));
  }
  const executor = executorOf(handle);
  if (executor.state() === 'open' || (await hasTransaction(executor))) return work(executor);
  await executor.query('BEGIN', []);
  try {
    const result = await work(executor);
    await executor.query('COMMIT', []);
    return result;
  } catch (error) {
    await executor.query('ROLLBACK', []);
    throw error;
  }
}
