import { OutboxError } from '@outrelay/core';
import type { Cancellation } from './cancellation.ts';
import type { Command, Reply } from './client.ts';
import type { Connection } from './connection.ts';

/** Bytes of a value that every server takes: `proto-max-bulk-len` cannot be lower. */
export const SAFE_VALUE_BYTES = 1_048_576;

const LIMIT: Command = { name: 'CONFIG', args: ['GET', 'proto-max-bulk-len'] };

/**
 * Asks for the largest value that the server takes, in bytes; `null` when it does not tell, as where CONFIG is not
 * allowed.
 *
 * A server that is sent a larger one says so and closes the connection at once, while the value is still on its way:
 * mostly that answer is lost, and the message would be tried again and again.
 */
export async function askBulkLimit(
  connection: Connection,
  timeoutMs: number,
  cancellation: Cancellation,
): Promise<number | null> {
  const replies = await connection.exchange([LIMIT], timeoutMs, cancellation);
  if (typeof replies === 'string') return null;
  const [error, pair] = replies[0] as Reply;
  const limit = error === null && Array.isArray(pair) ? Number(pair[1]) : Number.NaN;
  return Number.isSafeInteger(limit) ? limit : null;
}

/** The error for a message with a value above the server's limit. */
export function aboveBulkLimit(server: string, bytes: number, limit: number): OutboxError {
  return new OutboxError(
    'MESSAGE_TOO_LARGE',
    `The message has a value of ${bytes} bytes; ${server} takes ${limit} (proto-max-bulk-len: raise it, or lower "maxPayloadBytes").`,
  );
}
