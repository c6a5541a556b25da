import { AssertionError } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

/** Looks that are taken at least, so that a machine that stood still does not decide a clause. */
const MIN_LOOKS = 30;
const MAX_STEP_MS = 50;

/**
 * Waits until `look` answers with something other than `undefined` and `false`, and answers with it.
 *
 * @param what - what is waited for, as the end of "waited in vain for …"
 */
export async function eventually<T>(
  what: string,
  patienceMs: number,
  look: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const startMs = performance.now();
  for (let looks = 0; ; looks++) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    const waitedMs = performance.now() - startMs;
    if (waitedMs >= patienceMs && looks >= MIN_LOOKS) {
      throw new AssertionError({ message: `waited ${Math.round(waitedMs)} ms in vain for ${what}` });
    }
    await sleep(Math.min(MAX_STEP_MS, 1 + looks / 4));
  }
}

/**
 * Watches for `quietMs` milliseconds that something does not happen: as soon as `happened` answers with a text, that
 * text is the failure. A window is all that can be had here, for what never comes gives no sign.
 */
export async function never(quietMs: number, happened: () => string | undefined): Promise<void> {
  const startMs = performance.now();
  for (let looks = 0; ; looks++) {
    const seen = happened();
    if (seen !== undefined) throw new AssertionError({ message: seen });
    if (performance.now() - startMs >= quietMs && looks >= MIN_LOOKS / 3) return;
    await sleep(Math.min(MAX_STEP_MS, quietMs / 10));
  }
}

/** Lets so many turns of the event loop pass. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** What a call that is under way will fail with, `undefined` when it does not: it may be asked for later. */
export function failureOf(call: Promise<unknown> | undefined): Promise<unknown> {
  return Promise.resolve(call).then(
    () => undefined,
    (error: unknown) => error ?? new Error('rejected without an error'),
  );
}
