import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 20;

/**
 * Calls `attempt` until it does not throw, and answers with what it returned.
 *
 * @param giveUp - checked before each try; a text ends the wait at once, as its reason
 * @throws Error with the last failure as its cause, after `timeoutMs` milliseconds (default 30,000)
 */
export async function until<T>(
  what: string,
  attempt: () => T | Promise<T>,
  giveUp: () => string | null = () => null,
  timeoutMs = 30_000,
): Promise<T> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const reason = giveUp();
    if (reason !== null) throw new Error(`${what}: ${reason}`);
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() >= end) {
        throw new Error(`${what}: not within ${timeoutMs} ms`, { cause: error });
      }
    }
    await delay(POLL_MS);
  }
}
