import type { TransactionsFacet } from '@outrelay/core';
import type { Connections } from './connections.ts';
import { inKnexTransaction, type KnexRoot } from './knex-transaction.ts';
import type { CallerTransactions, TransactionHandle } from './transaction.ts';

/**
 * Opens transactions: with knex where the store was given one, else on connections of the store's own. The handle is
 * lent: it must not be used after `work`.
 */
export function transactionsFacet(
  connections: Connections,
  callers: CallerTransactions,
  knex: KnexRoot | undefined,
): TransactionsFacet<TransactionHandle, 'async'> {
  if (knex !== undefined) return { run: (work) => inKnexTransaction(knex, work) };
  return {
    run: (work) =>
      connections.lend(async (connection) => {
        const takeBack = callers.lend(connection);
        try {
          return await work(connection.promise());
        } finally {
          takeBack();
        }
      }),
  };
}
