import { errorText, OutboxError } from '@outrelay/core';
import { sqlState, storeFailure } from '../errors.ts';

/**
 * The class of a failure to follow a slot, by SQLSTATE
 * (https://www.postgresql.org/docs/current/errcodes-appendix.html).
 */
export function logFailure(error: unknown, slot: string): unknown {
  const state = sqlState(error);
  const told = errorText(error);
  const failure = (code: 'LOG_IN_USE' | 'LOG_MISSING' | 'LOG_LOST', text: string): OutboxError =>
    new OutboxError(code, `${text} The server says: ${told}`, { cause: error });
  if (state === '55006') return failure('LOG_IN_USE', `Another relay follows the slot "${slot}".`);
  if (state === '42704')
    return failure('LOG_MISSING', `The slot "${slot}" or its publication does not exist.`);
  // A slot whose log was removed, or was invalidated, can never be read again.
  if (state === '55000' || state === '58P01')
    return failure('LOG_LOST', `The server has given up the slot "${slot}".`);
  return storeFailure(error);
}

/** Whether only people can make the log readable again. */
export function isFinal(failure: unknown): boolean {
  const { code } = failure as { code?: unknown };
  return code === 'LOG_MISSING' || code === 'LOG_LOST';
}
