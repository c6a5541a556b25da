import { runSeed } from './course.ts';
import type { Engine } from '../engine/engine.ts';

/** What a range of seeds came to. */
export interface RangeReport {
  readonly seeds: number;
  readonly events: number;
  readonly copies: number;
  /** The violations that were found, at most as many as were asked for. */
  readonly violations: readonly { readonly seed: number; readonly violation: string }[];
}

/** Runs seed after seed, until the end of the range or until enough violations are found. */
export async function runRange(
  engine: Engine,
  from: number,
  count: number,
  enough: number,
  progress: (seeds: number) => void = () => {},
): Promise<RangeReport> {
  const violations: { seed: number; violation: string }[] = [];
  let seeds = 0;
  let events = 0;
  let copies = 0;
  for (let seed = from; seed < from + count && violations.length < enough; seed++) {
    const outcome = await runSeed(seed, engine);
    seeds++;
    events += outcome.events;
    copies += outcome.copies;
    if (outcome.violation !== null) violations.push({ seed, violation: outcome.violation });
    if (seeds % 100 === 0) progress(seeds);
  }
  return { seeds, events, copies, violations };
}
