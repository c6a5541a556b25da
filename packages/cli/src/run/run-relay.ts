import { createRelay, type OutboxStore, type Relay, type RelayOptions } from '@outrelay/core';
import type { ExitCode } from '../exit-code.ts';
import { settingsOf } from '../usage-error.ts';
import { drainEnd, type RunEnd, stopEnd } from './ending.ts';
import { Sampler } from './sampler.ts';
import { onStopSignals } from './stop-signals.ts';
import { StoreWatch } from './store-watch.ts';
import type { Tally } from './tally.ts';
import type { ChosenView } from './choose-view.ts';

/** What a run needs besides its relay. */
export interface RunSettings {
  readonly store: OutboxStore;
  readonly relay: RelayOptions;
  readonly tally: Tally;
  /** Makes the view once the relay's options are known to be right. */
  readonly show: () => ChosenView;
  /** Ends when nothing is due; `null` runs until stopped. */
  readonly drain: { readonly timeoutMs: number | undefined; readonly maxMessages: number | undefined } | null;
  /** Milliseconds for batches under way after the first signal. */
  readonly stopTimeoutMs: number;
  readonly outputGone: AbortSignal;
}

/** Milliseconds until the store is first looked into: soon, but after the relay has begun. */
const FIRST_SAMPLE_MS = 250;
/** The longest time a timer of Node.js takes: about 24 days. */
const MAX_TIMER_MS = 2_147_483_647;

/** Runs a relay until it is drained or stopped, shows it, and answers with the exit code; throws what ended a drain. */
export async function runRelay(settings: RunSettings): Promise<ExitCode> {
  const { store, tally, drain, outputGone } = settings;
  const relay = await settingsOf(() => createRelay(settings.relay));
  const { view, sampleMs } = settings.show();
  relay.subscribe((event) => {
    tally.add(event, performance.now());
    view.event(event);
  });
  const stop = stopper(relay, settings.stopTimeoutMs, (reason) => view.stopping(reason));
  const forgetSignals = onStopSignals(stop.because);
  const onGone = (): void => stop.because('nobody reads the output');
  outputGone.addEventListener('abort', onGone);
  const sampler =
    store.inspection === undefined
      ? null
      : new Sampler(store.inspection, sampleMs, (status) => {
          tally.storeAnswered();
          view.sample(status);
        });
  sampler?.start(FIRST_SAMPLE_MS);
  try {
    const end =
      drain === null ? await runUntilStopped(relay, stop, tally) : await runOnce(relay, stop, drain, tally);
    await sampler?.stop();
    view.end(end.ending);
    if (end.failure !== null) throw end.failure.error;
    return end.exitCode;
  } finally {
    await sampler?.stop();
    forgetSignals();
    outputGone.removeEventListener('abort', onGone);
  }
}

interface Stopper {
  /** Stops the relay; the first reason counts. */
  readonly because: (reason: string) => void;
  /** Resolves with the messages left unsettled, once the relay was stopped and has ended. */
  readonly ended: Promise<number>;
}

function stopper(relay: Relay, timeoutMs: number, tell: (reason: string) => void): Stopper {
  let resolve: (unsettled: Promise<number>) => void = () => {};
  const ended = new Promise<number>((done) => {
    resolve = done;
  });
  let stopping = false;
  return {
    ended,
    because: (reason) => {
      if (stopping) return;
      stopping = true;
      tell(reason);
      resolve(relay.stop({ timeoutMs }).then(({ unsettled }) => unsettled));
    },
  };
}

async function runUntilStopped(relay: Relay, stop: Stopper, tally: Tally): Promise<RunEnd> {
  relay.start();
  return stopEnd(await stop.ended, tally);
}

async function runOnce(
  relay: Relay,
  stop: Stopper,
  { timeoutMs, maxMessages }: NonNullable<RunSettings['drain']>,
  tally: Tally,
): Promise<RunEnd> {
  const watch = new StoreWatch(() => stop.because('the store does not answer'));
  relay.subscribe((event) => watch.event(event, performance.now()));
  let timedOut = false;
  // Not the drain's own time limit: that one would give batches under way longer than --stop-timeout.
  const timer = setTimeout(
    () => {
      timedOut = true;
      stop.because('--timeout');
    },
    Math.min(timeoutMs ?? MAX_TIMER_MS, MAX_TIMER_MS),
  );
  const report = await relay.drain({ maxMessages }).finally(() => clearTimeout(timer));
  const ended = timedOut && report.ended === 'stopped' ? 'timeout' : report.ended;
  return { ...drainEnd(ended, tally), failure: watch.failure };
}
