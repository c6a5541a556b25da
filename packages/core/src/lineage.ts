import { AsyncLocalStorage } from 'node:async_hooks';
import { isReceiptText } from './consumer/keepable.ts';
import type { Headers } from './message.ts';

/** The header that holds the id of the message whose handler appended this one. */
export const CAUSATION_HEADER = 'causation-id';
/** The header that all messages of one chain of causes share: the id of the first of them, unless it had one. */
export const CORRELATION_HEADER = 'correlation-id';

interface Cause {
  readonly id: string;
  readonly headers: Headers;
}

const current = new AsyncLocalStorage<Cause>();

/** Runs a handler so that what it appends, at once or later, names the message as its cause. */
export function causedBy<T>(message: Cause, handler: () => T): T {
  return current.run(message, handler);
}

/** Headers that tell where a message that is appended now comes from; none outside of a handler. */
export function lineageHeaders(): Headers | undefined {
  const cause = current.getStore();
  if (cause === undefined) return undefined;
  const correlation = cause.headers[CORRELATION_HEADER];
  return {
    [CAUSATION_HEADER]: cause.id,
    // Whatever a foreign producer wrote there must not make the append fail.
    [CORRELATION_HEADER]: isReceiptText(correlation) ? correlation : cause.id,
  };
}
