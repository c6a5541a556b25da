import type { TransactionsFacet } from '@outrelay/core';
import type { MongoSession } from './client.ts';
import type { Connection } from './connection.ts';

/** Opens transactions on the store's client, in sessions of their own that end with them. */
export function transactionsFacet(connection: Connection): TransactionsFacet<MongoSession, 'async'> {
  return { run: (work) => connection.lend(work) };
}
