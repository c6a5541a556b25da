const TICKS = 20;

/** The watched work took too long. */
export class WatchdogError extends Error {
  override readonly name = 'WatchdogError';
}

/**
 * Resolves as `work` does, or rejects with a {@link WatchdogError} after `ms` milliseconds.
 *
 * The time is counted in ticks of the event loop, so that a machine that stood still does not end a healthy clause.
 * The abandoned work goes on unobserved; its rejection is swallowed, for the failure has been told.
 */
export function watch<T>(work: Promise<T>, ms: number, waitingFor: () => string): Promise<T> {
  return new Promise((resolve, reject) => {
    let ticks = 0;
    const timer = setInterval(() => {
      if (++ticks < TICKS) return;
      clearInterval(timer);
      reject(new WatchdogError(`gave up after ${ms} ms; ${waitingFor()}`));
    }, ms / TICKS);
    work.then(resolve, reject).finally(() => clearInterval(timer));
  });
}
