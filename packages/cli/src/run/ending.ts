import type { DrainReport } from '@outrelay/core';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { count, duration, plural, rate } from '../terminal/figures.ts';
import type { Tally } from './tally.ts';
import type { Ending } from './view.ts';

/** How a run ended, and the exit code that says so. */
export interface RunEnd {
  readonly ending: Ending;
  readonly exitCode: ExitCode;
  /** The failure of the store that ended it; `null` for none. */
  readonly failure: { readonly error: unknown } | null;
}

const DRAIN_ENDS: Readonly<Record<DrainReport['ended'], readonly [exitCode: ExitCode, text: string]>> = {
  drained: [EXIT.ok, 'Drained: nothing is due'],
  limit: [EXIT.limit, 'Ended at --max-messages'],
  timeout: [EXIT.timeout, 'Ended at --timeout'],
  unavailable: [
    EXIT.unavailable,
    'Ended because the destination cannot be reached or refuses; messages stay',
  ],
  stopped: [EXIT.unmet, 'Stopped before the outbox was drained'],
};

/** The end of `--once`. */
export function drainEnd(ended: DrainReport['ended'], tally: Tally): RunEnd {
  const [exitCode, text] = DRAIN_ENDS[ended];
  return { ending: endingOf(text, ended, tally, 0, exitCode === EXIT.ok), exitCode, failure: null };
}

/** The end of a relay that was told to stop; `unsettled` messages make it a bad one. */
export function stopEnd(unsettled: number, tally: Tally): RunEnd {
  const good = unsettled === 0;
  const text = good
    ? 'Stopped'
    : `Stopped with ${plural(unsettled, 'message')} under way, which may be delivered again`;
  return {
    ending: endingOf(text, 'stopped', tally, unsettled, good),
    exitCode: good ? EXIT.ok : EXIT.unmet,
    failure: null,
  };
}

function endingOf(text: string, ended: string, tally: Tally, unsettled: number, good: boolean): Ending {
  const { published, retried, dead } = tally;
  const durationMs = performance.now() - tally.startedAtMs;
  const pace = durationMs < 1_000 ? '' : ` (${rate((published * 1_000) / durationMs)})`;
  const rest = [
    ...(retried > 0 ? [`${count(retried)} retried`] : []),
    ...(dead > 0 ? [plural(dead, 'dead letter')] : []),
  ];
  return {
    text: `${text}. ${[`${plural(published, 'message')} published in ${duration(durationMs)}${pace}`, ...rest].join(', ')}.`,
    ended,
    published,
    retried,
    dead,
    unsettled,
    durationMs: Math.round(durationMs),
    good,
  };
}
