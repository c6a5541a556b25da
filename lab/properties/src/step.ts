import type { AsyncCommand } from 'fast-check';
import type { StoreModel } from './model.ts';
import type { Setting } from './setting.ts';

/** One step of a course of events, on the model and on the real store. */
export type Step = AsyncCommand<StoreModel, Setting>;

/** What steps are made for. */
export interface Terms {
  /** Whether the application and relays can write side by side. */
  readonly concurrentWriters: boolean;
  readonly savepoints: boolean;
  readonly recovers: boolean;
  readonly inspects: boolean;
}

/** Leases last so long that none ends by itself while a course runs, however slow the machine is. */
export const LEASE_MS = 3_600_000;
/** A wait for a retry or a schedule: ends with the next long step of time. */
export const WAIT_MS = 1_800_000;
/** A step of time after which every lease has ended and every wait is over. */
export const LONG_MS = 7_200_000;

/** Makes a step; `can` tells whether it makes sense in the state of the model. */
export function step(
  name: string,
  can: (model: StoreModel) => boolean,
  run: (model: StoreModel, real: Setting) => Promise<void>,
): Step {
  return { check: can, run, toString: () => name };
}
