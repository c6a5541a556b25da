import { setMaxListeners } from 'node:events';
import type { Clock } from '../clock.ts';

/** A signal for the length of one call. */
export interface LimitedSignal {
  readonly signal: AbortSignal;
  /** Forgets the sources and the time limit; called when the call is over. */
  end(): void;
}

/**
 * Combines signals and a time limit for the length of one call.
 *
 * `AbortSignal.any` would do, but Node 20 keeps each of its results alive for as long as the sources live
 * (https://github.com/nodejs/node/issues/54614), and a relay makes one per batch.
 */
export function limitSignal(sources: readonly AbortSignal[], clock: Clock, limitMs: number): LimitedSignal {
  const controller = abortController();
  const follow = (event: Event): void => controller.abort((event.target as AbortSignal).reason);
  for (const source of sources) {
    if (source.aborted) controller.abort(source.reason);
    else source.addEventListener('abort', follow, { once: true });
  }
  const cancel = clock.setTimer(limitMs, () =>
    controller.abort(new Error(`no outcome within ${limitMs} ms`)),
  );
  return {
    signal: controller.signal,
    end() {
      cancel();
      for (const source of sources) source.removeEventListener('abort', follow);
    },
  };
}

/** A controller whose signal many may follow: Node.js warns of a leak at the eleventh listener, and lanes are up to 64. */
export function abortController(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}
