import type { OutboxStore } from '../store.ts';
import type { Clock } from '../clock.ts';
import type { Control } from './control.ts';

/** Rows that one purge removes at most, so that its transaction stays short. */
const PURGE_LIMIT = 1_000;

/** What a relay or a consumer has to do with purges. */
export interface JanitorContext {
  readonly store: Pick<OutboxStore, 'maintenance'>;
  readonly control: Pick<Control, 'stopping' | 'rest'>;
  readonly settings: { readonly purgeIntervalMs: number };
  readonly clock: Clock;
  readonly emit: (
    event:
      | { readonly type: 'purged'; readonly removed: number }
      | {
          readonly type: 'store-failed';
          readonly during: 'purge';
          readonly error: unknown;
          readonly delayMs: number;
        },
  ) => void;
  readonly unit: () => number;
}

/** Removes history and receipts past their retention, a bounded part at a time. */
export async function runJanitor(context: JanitorContext): Promise<void> {
  const { store, control, settings, emit, unit } = context;
  const { maintenance } = store;
  if (maintenance === undefined || settings.purgeIntervalMs === 0) return;
  while (!control.stopping) {
    // Relays that were started together must not purge in step.
    await control.rest(settings.purgeIntervalMs * (0.75 + 0.5 * unit()));
    let removed = 0;
    let more = true;
    while (more && !control.stopping) {
      try {
        const report = await maintenance.purge({ limit: PURGE_LIMIT });
        removed += report.removed;
        more = report.more;
        await context.clock.yield();
      } catch (error) {
        emit({ type: 'store-failed', during: 'purge', error, delayMs: settings.purgeIntervalMs });
        break;
      }
    }
    if (removed > 0) emit({ type: 'purged', removed });
  }
}
