import { OutboxError } from '../errors.ts';
import type { WakeupSubscription } from '../facets.ts';
import type { RelayContext } from './context.ts';
import { within } from './patience.ts';

/** Waits between attempts to start listening, and the longest wait for the end of it, in milliseconds. */
const RETRY_MS = 5_000;

/** Listens to the store's wake-ups while the relay runs. Without them the relay polls, which is always right. */
export async function runWakeups(context: RelayContext): Promise<void> {
  const { store, control, settings } = context;
  if (store.wakeups === undefined || !settings.wakeups) return;
  const subscribing = subscribe(context);
  // A database that does not answer must not keep the relay from ending.
  const subscription = await Promise.race([subscribing, control.untilStopping().then(() => null)]);
  await control.untilStopping();
  if (subscription !== null) await end(context, subscription);
  else void subscribing.then((late) => (late === null ? undefined : end(context, late)));
}

async function subscribe({ store, control, emit }: RelayContext): Promise<WakeupSubscription | null> {
  while (!control.stopping) {
    try {
      const subscription = await store.wakeups?.listen({
        wake: () => control.pacing.wake(),
        lost: (error) => emit({ type: 'wakeups-lost', error }),
        restored: () => {
          emit({ type: 'wakeups-restored' });
          // Hints that were missed meanwhile.
          control.pacing.wake();
        },
      });
      return subscription ?? null;
    } catch (error) {
      if (control.stopping) break;
      emit({ type: 'store-failed', during: 'wakeups', error, delayMs: RETRY_MS });
      await control.rest(RETRY_MS);
    }
  }
  return null;
}

async function end({ store, clock, emit }: RelayContext, subscription: WakeupSubscription): Promise<void> {
  const silence = (): OutboxError =>
    new OutboxError(
      'STORE_UNAVAILABLE',
      `The store "${store.name}" did not end its wake-ups within ${RETRY_MS} ms.`,
    );
  try {
    await within(subscription.close(), clock, RETRY_MS, silence);
  } catch (error) {
    emit({ type: 'store-failed', during: 'wakeups', error, delayMs: 0 });
  }
}
