import { runJanitor } from '../relay/janitor.ts';
import { Backoff } from '../relay/pacing.ts';
import type { Mode } from '../store.ts';
import type { Desk } from './desk.ts';

/** Bounds of the wait after a failure of the source or the database, in milliseconds. */
export const FAILURE_BACKOFF = { minMs: 50, maxMs: 10_000 };
/** How long one call of `receive` waits for a delivery, in milliseconds. */
const RECEIVE_WAIT_MS = 5_000;
/** Redriven messages taken at once. */
const TAKE_LIMIT = 16;
/** How long a redriven message is this consumer's, in milliseconds: also the wait before its next attempt. */
const HOLD_MS = 60_000;

/** Fills a desk: with deliveries of the source and with what was redriven in the inbox. Ends when the consumer stops. */
export async function runIntake<Tx, M extends Mode, Root>(desk: Desk<Tx, M, Root>): Promise<void> {
  await Promise.all([receiveAll(desk), takeRedriven(desk), runJanitor(desk)]);
}

async function receiveAll<Tx, M extends Mode, Root>(desk: Desk<Tx, M, Root>): Promise<void> {
  const { settings, control } = desk;
  const backoff = new Backoff(FAILURE_BACKOFF, desk.unit);
  while (!control.stopping) {
    const mark = desk.room.mark();
    const limit = desk.free;
    if (limit <= 0) {
      await desk.room.wait(mark, Number.POSITIVE_INFINITY);
      continue;
    }
    try {
      const deliveries = await settings.source.receive(
        { limit, waitMs: RECEIVE_WAIT_MS },
        control.stopSignal,
      );
      backoff.reset();
      desk.addDeliveries(deliveries);
      // Lets the rest of the process run when the source never has to wait.
      await settings.clock.yield();
    } catch (error) {
      if (control.stopping) return;
      const delayMs = backoff.nextMs();
      desk.emit({ type: 'source-failed', during: 'receive', error, delayMs });
      await control.rest(delayMs);
    }
  }
}

async function takeRedriven<Tx, M extends Mode, Root>(desk: Desk<Tx, M, Root>): Promise<void> {
  const { settings, control } = desk;
  const { parking, name, redriveIntervalMs } = settings;
  const backoff = new Backoff(FAILURE_BACKOFF, desk.unit);
  while (!control.stopping) {
    let delayMs = redriveIntervalMs * (0.75 + 0.5 * desk.unit());
    try {
      const limit = Math.min(TAKE_LIMIT, desk.free);
      if (limit > 0) {
        const taken = await parking.take({ consumer: name, limit, holdMs: HOLD_MS });
        desk.addRedriven(taken);
        if (taken.length === limit) delayMs = 0;
      }
      backoff.reset();
    } catch (error) {
      delayMs = Math.max(delayMs, backoff.nextMs());
      desk.emit({ type: 'store-failed', during: 'take', error, delayMs });
    }
    await control.rest(delayMs);
  }
}
