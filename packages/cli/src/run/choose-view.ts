import type { Output } from '../terminal/output.ts';
import { JsonView } from './json-view.ts';
import { LineView } from './line-view.ts';
import { LiveView } from './live-view.ts';
import type { Tally } from './tally.ts';
import type { RunView } from './view.ts';

/** How a run wants to be shown. */
export interface ViewChoice {
  readonly out: Output;
  readonly err: Output;
  /** Whether messages themselves go to stdout, which they must not share. */
  readonly stdoutTaken: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly route: string;
}

/** A view, and how often it wants to hear of the store. */
export interface ChosenView {
  readonly view: RunView;
  readonly sampleMs: number;
}

const LIVE_SAMPLE_MS = 2_000;
const LOG_SAMPLE_MS = 10_000;

/** Chooses between a live block, lines and JSON. */
export function chooseView(choice: ViewChoice, tally: Tally): ChosenView {
  const { out, err, stdoutTaken, json, quiet, route } = choice;
  const output = stdoutTaken ? err : out;
  if (json) return { view: new JsonView(output), sampleMs: LOG_SAMPLE_MS };
  // A block cannot be painted again when messages pass through the same terminal.
  const alone = output.interactive && !(stdoutTaken && out.interactive);
  return alone && !quiet
    ? { view: new LiveView(output, tally, route), sampleMs: LIVE_SAMPLE_MS }
    : { view: new LineView(output, tally, route, quiet), sampleMs: LOG_SAMPLE_MS };
}
