import type { Clock } from '../clock.ts';
import { errorText, OutboxError } from '../errors.ts';

/** How long a call may take to answer after its signal was aborted, in milliseconds. */
const ABORT_GRACE_MS = 1_000;

/** Gives up on a call that has not answered after `limitMs` milliseconds; what it answers later goes to `late`. */
export function within<T>(
  call: Promise<T>,
  clock: Clock,
  limitMs: number,
  timedOut: () => Error,
  late: (value: T) => void = () => {},
): Promise<T> {
  return new Promise((resolve, reject) => {
    let over = false;
    const cancel = clock.setTimer(limitMs, () => {
      over = true;
      reject(timedOut());
    });
    call.then(
      (value) => {
        cancel();
        if (over) late(value);
        else resolve(value);
      },
      (error: unknown) => {
        cancel();
        reject(error);
      },
    );
  });
}

/** Gives up on a call that does not heed the abort of its signal: whoever waits for it must be able to end. */
export function untilAborted<T>(call: Promise<T>, signal: AbortSignal, clock: Clock): Promise<T> {
  return new Promise((resolve, reject) => {
    let cancel = (): void => {};
    const abandon = (): void => {
      cancel = clock.setTimer(ABORT_GRACE_MS, () => reject(silence(signal)));
    };
    if (signal.aborted) abandon();
    else signal.addEventListener('abort', abandon, { once: true });
    const end = (): void => {
      cancel();
      signal.removeEventListener('abort', abandon);
    };
    call.then(
      (value) => {
        end();
        resolve(value);
      },
      (error: unknown) => {
        end();
        reject(error);
      },
    );
  });
}

function silence(signal: AbortSignal): OutboxError {
  return new OutboxError(
    'TRANSPORT_OUTCOME_UNKNOWN',
    `No answer after the call was aborted: ${errorText(signal.reason)}`,
  );
}
