import type { Clock } from '../clock.ts';
import type { RelayListener } from '../events.ts';
import type { OutboxStore } from '../store.ts';
import type { BreakerBoard } from './breaker-board.ts';
import type { Control } from './control.ts';
import type { RelaySettings } from './options.ts';
import type { TopicPolicies } from './policy.ts';
import type { Routes } from './routes.ts';

/** What the pieces of one relay share. */
export interface RelayContext {
  readonly store: OutboxStore;
  readonly routes: Routes;
  readonly policies: TopicPolicies;
  readonly settings: RelaySettings;
  readonly board: BreakerBoard;
  readonly control: Control;
  readonly clock: Clock;
  /** A number from 0 to 1, for jitter. */
  readonly unit: () => number;
  /** A fresh lease token. */
  readonly token: () => string;
  /** Never throws. */
  readonly emit: RelayListener;
}
