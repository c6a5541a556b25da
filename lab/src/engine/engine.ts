import type { createRelay } from '@outrelay/core';

/** A relay engine: the one of core, or a mutant of it. */
export interface Engine {
  readonly createRelay: typeof createRelay;
}
