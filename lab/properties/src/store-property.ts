import type { StoreHarness } from '@outrelay/conformance';
import * as fc from 'fast-check';
import { administeringSteps } from './administering.ts';
import { drain } from './drain.ts';
import { StoreModel } from './model.ts';
import { relayingSteps } from './relaying.ts';
import { Setting } from './setting.ts';
import { settlingSteps } from './settling.ts';
import type { Step, Terms } from './step.ts';
import { writingSteps } from './writing.ts';

/** Where chance begins in a suite. */
const SUITE_SEED = 1;

/** How much is tried. */
export interface PropertyOptions {
  /** Courses of events. Default: 50. `OUTRELAY_PROPERTY_RUNS` of the environment goes before. */
  readonly runs?: number | undefined;
  /** Steps of a course at most. Default: 60. */
  readonly steps?: number | undefined;
  /**
   * Where chance begins, to repeat what failed. Default: always the same, so that a suite gives the same answer every
   * time; anywhere when the environment says how many courses to try.
   */
  readonly seed?: number | undefined;
  /** The course to begin with, as a failure prints it. */
  readonly path?: string | undefined;
}

/**
 * Tries random courses of events on a real store and holds every answer against a model of the contract; at the end of
 * each, what is left must come, in order. Rejects with the shortest course that the store does not survive.
 */
export async function assertStoreProperty(
  harness: StoreHarness,
  options: PropertyOptions = {},
): Promise<void> {
  const terms: Terms = {
    concurrentWriters: harness.powers?.concurrentWriters === true,
    savepoints: harness.capabilities.savepoints === 'supported',
    recovers: harness.facets.includes('recovery'),
    inspects: harness.facets.includes('inspection'),
  };
  const wanted = process.env['OUTRELAY_PROPERTY_RUNS'];
  const runs = wanted === undefined ? (options.runs ?? 50) : Number(wanted);
  const { steps = 60, seed = wanted === undefined ? SUITE_SEED : undefined, path } = options;
  const course = fc.commands<StoreModel, Setting, false>(stepsFor(terms), {
    maxCommands: steps,
    size: 'max',
  });
  const property = fc.asyncProperty(course, async (taken) => {
    const setting = await Setting.open(harness);
    const model = new StoreModel(harness.capabilities);
    try {
      await fc.asyncModelRun(() => ({ model, real: setting }), taken);
      await drain(model, setting);
    } finally {
      await setting.close();
    }
  });
  await fc.assert(property, {
    numRuns: runs,
    ...(seed === undefined ? {} : { seed }),
    ...(path === undefined ? {} : { path }),
  });
}

/** What brings a course forward is drawn more often than the rest. */
function stepsFor(terms: Terms): fc.Arbitrary<Step>[] {
  const [transaction, ...writing] = writingSteps(terms);
  const [work, ...relaying] = relayingSteps(terms);
  const [settle, ...again] = settlingSteps(terms);
  const often = [transaction, work, settle].filter((arbitrary) => arbitrary !== undefined);
  return [
    ...often,
    ...often,
    ...often,
    ...often,
    ...writing,
    ...relaying,
    ...again,
    ...administeringSteps(terms),
  ];
}
