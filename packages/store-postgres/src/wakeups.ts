import type { WakeupListener, WakeupSubscription, WakeupsFacet } from '@outrelay/core';
import type { Connections } from './connections.ts';
import { doorbell } from './doorbell.ts';
import { storeFailure } from './errors.ts';
import { notifications } from './notify.ts';
import type { PostgresStoreSettings } from './options.ts';

/** Shortest and longest wait before the next attempt to listen again, in milliseconds. */
const RETRY_MS = { first: 100, longest: 5_000 } as const;

/** What a source of hints tells. */
export interface HintHandlers {
  readonly wake: () => void;
  /** The source has ended by itself, and tells nothing any more. */
  readonly failed: (error: unknown) => void;
}

/** An open source of hints. */
export interface HintSource {
  close(): Promise<void>;
}

/** Opens a source; rejects when that is not possible. */
export type OpenSource = (handlers: HintHandlers) => Promise<HintSource>;

/** The facet, with the end of everything it has started. */
export interface Listening extends WakeupsFacet {
  close(): Promise<void>;
}

/** The wake-ups that the options choose; `undefined` for none. */
export function wakeupsFacet(
  connections: Connections,
  settings: PostgresStoreSettings,
): Listening | undefined {
  if (settings.wakeups === 'none') return undefined;
  const source =
    settings.wakeups === 'notify' ? notifications(connections, settings) : doorbell(connections, settings);
  const open = new Set<Subscription>();
  return {
    async listen(listener) {
      const subscription = new Subscription(source, listener, () => open.delete(subscription));
      await subscription.start();
      open.add(subscription);
      return subscription;
    },
    async close() {
      await Promise.all([...open].map((subscription) => subscription.close()));
    },
  };
}

/**
 * Listening to a source, again and again until it is closed.
 *
 * - `listening`: hints flow. - `waiting`: the source failed, `lost` was reported, and a timer is set for the next attempt.
 * - `closed`: nothing is called any more.
 */
class Subscription implements WakeupSubscription {
  readonly #open: OpenSource;
  readonly #listener: WakeupListener;
  readonly #forget: () => void;
  #source: HintSource | null = null;
  #opening: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #delayMs: number = RETRY_MS.first;
  #closed = false;

  constructor(open: OpenSource, listener: WakeupListener, forget: () => void) {
    this.#open = open;
    this.#listener = listener;
    this.#forget = forget;
  }

  /** Rejects when the source cannot be opened. */
  async start(): Promise<void> {
    let current = true;
    const source = await this.#open({
      wake: () => {
        if (current && !this.#closed) this.#listener.wake();
      },
      failed: (error) => {
        if (!current || this.#closed) return;
        current = false;
        this.#source = null;
        this.#listener.lost(storeFailure(error));
        this.#retry();
      },
    });
    // It may have failed, or nobody may want it any more, before it was open.
    if (!current) return;
    this.#source = source;
    if (this.#closed) await this.#end();
  }

  #retry(): void {
    this.#timer = setTimeout(() => {
      this.#opening = this.start()
        .then(() => {
          if (this.#closed || this.#source === null) return;
          this.#delayMs = RETRY_MS.first;
          this.#listener.restored();
        })
        .catch(() => {
          if (!this.#closed) this.#retry();
        });
    }, this.#delayMs);
    this.#delayMs = Math.min(RETRY_MS.longest, this.#delayMs * 2);
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#forget();
    await this.#opening;
    await this.#end();
  }

  async #end(): Promise<void> {
    const source = this.#source;
    this.#source = null;
    await source?.close();
  }
}
