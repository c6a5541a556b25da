import {
  type AppendOptions,
  type AppendReport,
  describe,
  type NewMessage,
  OutboxError,
} from '@outrelay/core';
import type { MemoryState } from './state.ts';
import { OwnTransaction } from './transaction.ts';

/** Writes messages in the caller's transaction, or in one of their own when that was asked for by name. */
export async function append(
  state: MemoryState,
  handle: unknown,
  messages: readonly NewMessage[],
  options: AppendOptions,
): Promise<AppendReport> {
  if (handle instanceof OwnTransaction) return { duplicates: handle.add(copies(messages)) };
  if (!options.autocommit) {
    throw new OutboxError(
      'TRANSACTION_REQUIRED',
      `Expected an open transaction, from store.begin() or store.transactions.run(); got ${describe(handle)}.`,
    );
  }
  const transaction = new OwnTransaction(state);
  const duplicates = transaction.add(copies(messages));
  transaction.commit();
  return { duplicates };
}

/** A database would copy the bytes; without a copy, the caller could still change what is stored. */
function copies(messages: readonly NewMessage[]): NewMessage[] {
  return messages.map((message) => ({
    ...message,
    headers: { ...message.headers },
    payload: message.payload instanceof Uint8Array ? message.payload.slice() : message.payload,
  }));
}
