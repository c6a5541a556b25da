import { describe, errorText, OutboxError } from '@outrelay/core';
import { MysqlTransaction } from './transaction.ts';

export type { MysqlTransaction, TransactionExecutor, TransactionState } from './transaction.ts';

/** A Kysely transaction, by shape. The root of Kysely says `boolean` where it says `true`: the compiler refuses it. */
export interface KyselyTransaction {
  readonly isTransaction: true;
  /** Of those that are ended by hand. */
  readonly isCommitted?: boolean;
  readonly isRolledBack?: boolean;
  executeQuery(query: KyselyQuery): Promise<{ readonly numAffectedRows?: bigint | undefined }>;
}

/** A query as Kysely's own `CompiledQuery.raw` makes it. */
export interface KyselyQuery {
  readonly sql: string;
  readonly parameters: readonly unknown[];
  readonly query: {
    readonly kind: 'RawNode';
    readonly sqlFragments: readonly string[];
    readonly parameters: readonly [];
  };
  readonly queryId: { readonly queryId: string };
}

const KIND = 'the Kysely transaction';

/**
 * Makes a Kysely transaction a handle for `append` and the inbox, one of a callback as well as one that is ended by
 * hand. Kysely must be on MySQL or MariaDB.
 *
 * Throws `TRANSACTION_REQUIRED` for the root of Kysely.
 *
 * @example
 * await db.transaction().execute(async (trx) => {
 *   await trx.insertInto('orders').values(order).execute();
 *   await outbox.append(kyselyTransaction(trx), { topic: 'order.placed', key: order.id, payload: order });
 * });
 */
export function kyselyTransaction(trx: KyselyTransaction): MysqlTransaction {
  assertTransaction(trx);
  return new MysqlTransaction({
    kind: KIND,
    state: () => (trx.isCommitted === true || trx.isRolledBack === true ? 'closed' : 'open'),
    async execute(sql) {
      const query = { kind: 'RawNode', sqlFragments: [sql], parameters: [] } as const;
      try {
        const result = await trx.executeQuery({
          sql,
          parameters: [],
          query,
          queryId: { queryId: 'outrelay' },
        });
        return Number(result.numAffectedRows ?? 0);
      } catch (error) {
        throw hasEnded(error) ? ended(error) : error;
      }
    },
  });
}

function assertTransaction(value: unknown): asserts value is KyselyTransaction {
  const { isTransaction, executeQuery } = (value ?? {}) as Partial<Record<keyof KyselyTransaction, unknown>>;
  if (isTransaction === true && typeof executeQuery === 'function') return;
  const got = isTransaction === false ? 'the root of Kysely' : describe(value);
  throw new OutboxError(
    'TRANSACTION_REQUIRED',
    `Expected a Kysely transaction; got ${got}. Append inside db.transaction().execute(…), with the handle its callback receives.`,
  );
}

/** The transaction of a callback does not say that it has ended; it refuses queries with these words. */
function hasEnded(error: unknown): boolean {
  return /^Transaction is already (?:committed|rolled back)$/.test(errorText(error));
}

function ended(cause: unknown): OutboxError {
  return new OutboxError(
    'TRANSACTION_CLOSED',
    'The Kysely transaction has already been committed or rolled back. Append before that, and await the append.',
    { cause },
  );
}
