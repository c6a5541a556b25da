import type { InspectionFacet, OutboxStatus } from '@outrelay/core';
import { settles } from '../session/settles.ts';

/** A look into the store may take this part of the time, so that watching it does not become its main load. */
const MAX_SHARE = 0.05;
/** How long a look under way is waited for in the end, in milliseconds: a database that is silent never answers. */
const LAST_LOOK_MS = 1_000;

/** Looks into the store now and then, until it is stopped. */
export class Sampler {
  readonly #inspection: InspectionFacet;
  readonly #intervalMs: number;
  readonly #tell: (status: OutboxStatus) => void;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  #stopped = false;

  /** @param intervalMs - milliseconds between two looks; longer when a look takes long */
  constructor(inspection: InspectionFacet, intervalMs: number, tell: (status: OutboxStatus) => void) {
    this.#inspection = inspection;
    this.#intervalMs = intervalMs;
    this.#tell = tell;
  }

  start(firstAfterMs: number): void {
    this.#schedule(firstAfterMs);
  }

  /** Looks no more; resolves when a look under way has ended, or takes too long, so that the store can be closed. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await settles(this.#looking, LAST_LOOK_MS);
  }

  #schedule(afterMs: number): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#looking = this.#look();
    }, afterMs);
  }

  async #look(): Promise<void> {
    const startedAtMs = performance.now();
    try {
      const status = await this.#inspection.status();
      if (!this.#stopped) this.#tell(status);
    } catch {
      // The relay works on the same store and reports what is wrong with it.
    }
    const tookMs = performance.now() - startedAtMs;
    this.#schedule(Math.max(this.#intervalMs, tookMs / MAX_SHARE));
  }
}
