import { EXIT } from '../exit-code.ts';

/**
 * A signal this soon after the first is the same one: npm and others pass on what the terminal has already sent to the
 * whole process group.
 */
const ECHO_MS = 250;

const EXIT_CODES = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated } as const;

/** Reports the first SIGINT or SIGTERM and ends the process at a second one; the returned function stops listening. */
export function onStopSignals(stop: (reason: string) => void): () => void {
  let firstAtMs: number | null = null;
  const listener = (signal: 'SIGINT' | 'SIGTERM'): void => {
    const now = performance.now();
    if (firstAtMs === null) {
      firstAtMs = now;
      stop(signal);
    } else if (now - firstAtMs > ECHO_MS) {
      process.exit(EXIT_CODES[signal]);
    }
  };
  process.on('SIGINT', listener).on('SIGTERM', listener);
  return () => process.off('SIGINT', listener).off('SIGTERM', listener);
}
