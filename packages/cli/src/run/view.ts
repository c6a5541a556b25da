import type { OutboxStatus, RelayEvent } from '@outrelay/core';

/** How the life of a relay is shown while it runs. */
export interface RunView {
  event(event: RelayEvent): void;
  /** What the store holds, now and then. */
  sample(status: OutboxStatus): void;
  /** The relay was told to stop and finishes what it has begun. */
  stopping(reason: string): void;
  /** Shows the last words; nothing follows. */
  end(ending: Ending): void;
}

/** How a run ended. */
export interface Ending {
  /** One sentence. */
  readonly text: string;
  /** Stable word for programs, for example `drained`. */
  readonly ended: string;
  readonly published: number;
  readonly retried: number;
  readonly dead: number;
  /** Messages that may have been published without their outcome being recorded. */
  readonly unsettled: number;
  readonly durationMs: number;
  readonly good: boolean;
}
