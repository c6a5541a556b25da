import { errorText, OutboxError, type PublishResult } from '@outrelay/core';

/** Errors of a stream that took nothing of a line: its reader is gone, or it had ended before. */
const NOTHING_TAKEN: ReadonlySet<unknown> = new Set([
  'EPIPE',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
]);

/** Whether the line that a stream failed with was certainly not passed on. */
export function tookNothing(error: Error): boolean {
  return NOTHING_TAKEN.has((error as NodeJS.ErrnoException).code);
}

/** The error for a stream that has broken, and will not mend. */
export function streamBroken(cause: Error): OutboxError {
  return new OutboxError(
    'TRANSPORT_UNAVAILABLE',
    `The output stream cannot be written any more: ${errorText(cause)}. Create the transport anew with a stream that is open.`,
    { cause, retryable: false },
  );
}

/** The result of a line that may have been passed on. */
export function lineUnknown(reason: string, cause?: Error): PublishResult {
  const error = new OutboxError(
    'TRANSPORT_OUTCOME_UNKNOWN',
    `The line may have been written or not: ${reason}.`,
    { cause },
  );
  return { status: 'unknown', error };
}
