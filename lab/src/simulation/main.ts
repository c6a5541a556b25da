// `pnpm --filter @outrelay/lab simulate`: courses of events from seeds; a violation is printed with its trace.
import { parseArgs } from 'node:util';
import type { Engine } from '../engine/engine.ts';
import { HONEST, loadMutant } from '../engine/load-engine.ts';
import { ENGINE_MUTANTS } from '../engine/mutants.ts';
import { runSeed } from './course.ts';
import { runOnThreads } from './threads.ts';

const USAGE = `Usage:
  simulate [--seeds 10000] [--from 1] [--mutant NAME]   runs so many seeds, on every core
  simulate --seed 4711 [--mutant NAME]                  runs one seed and prints what happens in it

Mutants: ${ENGINE_MUTANTS.map(({ name }) => name).join(', ')}`;

/** Violations that are shown with their trace, and lines of each. */
const MOST_VIOLATIONS = 3;
const MOST_LINES = 200;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    mutant: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log(USAGE);
else if (values.seed === undefined) await runMany(wholeNumber('seeds'), wholeNumber('from'));
else process.exitCode = (await replay(wholeNumber('seed'), await engine(), Number.POSITIVE_INFINITY)) ? 0 : 1;

async function runMany(count: number, from: number): Promise<void> {
  const startMs = performance.now();
  const mutant = values.mutant ?? null;
  const chosen = await engine();
  const report = await runOnThreads({ mutant, from, count, enough: MOST_VIOLATIONS }, (seeds) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${seeds} of ${count} seeds`);
  });
  for (const { seed } of report.violations.slice(0, MOST_VIOLATIONS)) await replay(seed, chosen, MOST_LINES);
  const seconds = ((performance.now() - startMs) / 1_000).toFixed(1);
  console.log(
    `${report.seeds} seeds, ${report.events} events, ${report.copies} deliveries in ${seconds} s: ${report.violations.length} violations`,
  );
  process.exitCode = report.violations.length === 0 ? 0 : 1;
}

/** Runs a seed twice, prints the second run, and answers whether all is well. */
async function replay(seed: number, chosen: Engine, mostLines: number): Promise<boolean> {
  const first = await runSeed(seed, chosen);
  const again = await runSeed(seed, chosen, true);
  console.log(`seed ${seed}: ${JSON.stringify(again.options)}`);
  if (again.lines.length > mostLines)
    console.log(`… ${again.lines.length - mostLines} lines before; --seed ${seed} shows all`);
  console.log(again.lines.slice(-mostLines).join('\n'));
  console.log(`seed ${seed}: ${again.violation ?? 'no violation'}`);
  if (first.fingerprint !== again.fingerprint)
    console.log('The two runs differ: the simulation is not deterministic.');
  return again.violation === null && first.fingerprint === again.fingerprint;
}

function engine(): Promise<Engine> {
  if (values.mutant === undefined) return Promise.resolve(HONEST);
  const planted = ENGINE_MUTANTS.find(({ name }) => name === values.mutant);
  if (planted === undefined) throw new Error(`There is no mutant "${values.mutant}".\n${USAGE}`);
  return loadMutant(planted);
}

function wholeNumber(name: 'seed' | 'seeds' | 'from'): number {
  const number = Number(values[name]);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new Error(`--${name} takes a whole number; got ${values[name] ?? 'nothing'}.`);
}
