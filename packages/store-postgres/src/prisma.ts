import { describe, OutboxError } from '@outrelay/core';
import { PostgresTransaction } from './transaction.ts';

export type {
  ExecutorRow,
  PostgresTransaction,
  TransactionExecutor,
  TransactionState,
} from './transaction.ts';

/** The client of an interactive transaction of Prisma, by shape. `PrismaClient` can connect: the compiler refuses it. */
export interface PrismaTransaction {
  readonly $connect?: never;
  $queryRawUnsafe(sql: string, ...values: unknown[]): PromiseLike<unknown>;
}

/**
 * Makes the client of an interactive transaction of Prisma a handle for `append` and the inbox. Prisma must be on
 * PostgreSQL, with any driver adapter.
 *
 * Throws `TRANSACTION_REQUIRED` for a `PrismaClient`, and `TRANSACTION_FOREIGN` for a client of another database.
 *
 * @example
 * await prisma.$transaction(async (tx) => {
 *   await tx.order.create({ data: order });
 *   await outbox.append(prismaTransaction(tx), { topic: 'order.placed', key: order.id, payload: order });
 * });
 */
export function prismaTransaction(tx: PrismaTransaction): PostgresTransaction {
  assertTransaction(tx);
  return new PostgresTransaction({
    kind: 'the Prisma transaction',
    // Only Prisma knows: it refuses a statement in a transaction that has ended.
    state: () => 'open',
    async query(sql, values) {
      try {
        return (await tx.$queryRawUnsafe(sql, ...values)) as readonly Record<string, unknown>[];
      } catch (error) {
        throw explained(error);
      }
    },
  });
}

const PROVIDERS: ReadonlySet<unknown> = new Set([undefined, 'postgresql', 'postgres', 'cockroachdb']);

function assertTransaction(value: unknown): void {
  const client = (value ?? {}) as { [name: string]: unknown };
  if (typeof client['$queryRawUnsafe'] !== 'function' || client['$connect'] !== undefined) {
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
    `Expected a Prisma transaction on PostgreSQL; this one is on ${describe(provider)}.`,
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
  if (error instanceof Error && error.cause === undefined && typeof originalCode === 'string') {
    // Prisma keeps the SQLSTATE where only Prisma looks for it.
    error.cause = Object.assign(new Error(String(originalMessage)), { code: originalCode });
  }
  return error;
}
