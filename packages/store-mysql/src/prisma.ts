import { describe, OutboxError } from '@outrelay/core';
import { MysqlTransaction } from './transaction.ts';

export type { MysqlTransaction, TransactionExecutor, TransactionState } from './transaction.ts';

/** The client of an interactive transaction of Prisma, by shape. `PrismaClient` can connect: the compiler refuses it. */
export interface PrismaTransaction {
  readonly $connect?: never;
  $executeRawUnsafe(sql: string): PromiseLike<number>;
}

/**
 * Makes the client of an interactive transaction of Prisma a handle for `append` and the inbox. Prisma must be on
 * MySQL or MariaDB, with any driver adapter.
 *
 * On MySQL the adapter must have the option `useTextProtocol`, or appends that need a savepoint fail. Throws
 * `TRANSACTION_REQUIRED` for a `PrismaClient`, and `TRANSACTION_FOREIGN` for a client of another database.
 *
 * @example
 * await prisma.$transaction(async (tx) => {
 *   await tx.order.create({ data: order });
 *   await outbox.append(prismaTransaction(tx), { topic: 'order.placed', key: order.id, payload: order });
 * });
 */
export function prismaTransaction(tx: PrismaTransaction): MysqlTransaction {
  assertTransaction(tx);
  return new MysqlTransaction({
    kind: 'the Prisma transaction',
    // Only Prisma knows: it refuses a statement in a transaction that has ended.
    state: () => 'open',
    async execute(sql) {
      try {
        return await tx.$executeRawUnsafe(sql);
      } catch (error) {
        throw explained(error);
      }
    },
  });
}

const PROVIDERS: ReadonlySet<unknown> = new Set([undefined, 'mysql']);

function assertTransaction(value: unknown): void {
  const client = (value ?? {}) as { [name: string]: unknown };
  if (typeof client['$executeRawUnsafe'] !== 'function' || client['$connect'] !== undefined) {
    const got = client['$connect'] === undefined ? describe(value) : 'a PrismaClient';
    throw new OutboxError(
      'TRANSACTION_REQUIRED',
      `Expected the client of an interactive Prisma transaction; got ${got}. Append inside prisma.$transaction(async (tx) => …), with tx.`,
    );
  }
  const provider = client['_activeProvider'];
  if (PROVIDERS.has(provider)) return;
  throw new OutboxError(
    'TRANSACTION_FOREIGN',
    `Expected a Prisma transaction on MySQL or MariaDB; this one is on ${describe(provider)}.`,
  );
}

/** What Prisma throws when a raw query fails. */
interface PrismaError {
  readonly code?: unknown;
  readonly meta?: {
    readonly driverAdapterError?: {
      readonly cause?: { readonly originalCode?: unknown; readonly originalMessage?: unknown };
    };
  };
}

/** https://www.prisma.io/docs/orm/reference/error-reference: "Transaction API error". */
const TRANSACTION_API_ERROR = 'P2028';

/** ER_UNSUPPORTED_PS. */
const NOT_PREPARED = '1295';

function explained(error: unknown): unknown {
  const { code, meta } = (error ?? {}) as PrismaError;
  if (code === TRANSACTION_API_ERROR) {
    return new OutboxError(
      'TRANSACTION_CLOSED',
      'The Prisma transaction has been committed, was rolled back or took longer than its timeout. Append before its end, and await the append.',
      { cause: error },
    );
  }
  const { originalCode, originalMessage } = meta?.driverAdapterError?.cause ?? {};
  if (originalCode === NOT_PREPARED) {
    return new OutboxError(
      'NOT_SUPPORTED',
      'This append needs a savepoint, which MySQL does not take as a prepared statement, and Prisma prepares all of them. Give its adapter the option useTextProtocol: new PrismaMariaDb(url, { useTextProtocol: true }). Nothing was appended.',
      { cause: error },
    );
  }
  if (error instanceof Error && error.cause === undefined && typeof originalCode === 'string') {
    // Prisma keeps the number of the server's error where only Prisma looks for it.
    const number = { code: originalCode, errno: Number(originalCode) };
    error.cause = Object.assign(new Error(String(originalMessage)), number);
  }
  return error;
}
