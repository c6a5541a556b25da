import type { TransactionsFacet } from '@outrelay/core';
import type { SqliteDatabase } from './client.ts';
import type { Connection } from './connection.ts';

/** Opens transactions on a connection of the store's own. The handle is lent: it must not be used after `work`. */
export function transactionsFacet<Db extends SqliteDatabase>(
  connection: Connection<Db>,
): TransactionsFacet<Db, 'sync'> {
  return {
    run: (work) =>
      connection.lend((database) => {
        const result = work(database);
        if (typeof (result as { then?: unknown } | null | undefined)?.then === 'function') {
          // Whoever ignores the refusal below must not get a second one, from the promise, that nobody handles.
          Promise.resolve(result).catch(() => {});
          throw new TypeError(
            'The work of a transaction on SQLite must be synchronous, but it returned a promise. Everything it wrote so far was rolled back: await what is needed before the transaction.',
          );
        }
        return result;
      }),
  };
}
