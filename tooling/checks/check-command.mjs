import { writeFileSync } from 'node:fs';
import { exitCodeOfInterruption, Interrupted, listenForSignals } from '../bootstrap/interruption.mjs';
import { runChecks } from './run-checks.mjs';

/**
 * Runs the checks of one set, `all` by default, and sets the exit code of the process. With `--report=<file>` the
 * outcomes go there as JSON. A signal ends what runs, and the checks that would come after it do not begin.
 *
 * @param {readonly string[]} argv
 * @param {Readonly<Record<string, readonly import('./run-checks.mjs').Step[]>>} sets
 */
export async function checkCommand(argv, sets) {
  const report = argv.find((argument) => argument.startsWith('--report='))?.slice('--report='.length);
  const name = argv.find((argument) => !argument.startsWith('--')) ?? 'all';
  const checks = sets[name];
  if (checks === undefined) {
    console.error(`There is no set of checks named ${name}. There are: ${Object.keys(sets).join(', ')}.`);
    process.exitCode = 1;
    return;
  }
  listenForSignals();
  try {
    const outcomes = await runChecks(checks);
    if (report !== undefined) writeFileSync(report, JSON.stringify(outcomes));
    process.exitCode = outcomes.every(({ passed }) => passed) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    process.exitCode = exitCodeOfInterruption(error);
  }
}
