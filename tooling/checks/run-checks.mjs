import { Failure } from '../bootstrap/failure.mjs';
import { Interrupted, throwIfInterrupted } from '../bootstrap/interruption.mjs';
import { readRepository } from './repository.mjs';

/**
 * One thing that must hold. It answers with the problems it finds, each a line or more for people.
 *
 * @typedef {object} Check
 * @property {string} name
 * @property {(repository: import('./repository.mjs').Repository) => Promise<string[]> | string[]} run
 */

/** @typedef {Check | readonly Check[]} Step checks that run side by side, or one alone */

/** @typedef {{ name: string, passed: boolean }} Outcome */

/**
 * Runs steps one after the other and prints a line for each check, with what it found wrong.
 *
 * @param {readonly Step[]} steps
 * @returns {Promise<Outcome[]>}
 * @throws Interrupted when a signal comes, before the next step begins
 */
export async function runChecks(steps) {
  const outcomes = [];
  for (const step of steps) {
    throwIfInterrupted();
    outcomes.push(...(await Promise.all([step].flat().map(runCheck))));
  }
  const failed = outcomes.filter(({ passed }) => !passed).length;
  console.log(`\n${outcomes.length - failed} checks passed, ${failed} failed`);
  return outcomes;
}

/**
 * @param {Check} check
 * @returns {Promise<Outcome>}
 */
async function runCheck(check) {
  const start = performance.now();
  // Read anew for each check: the tools before it take their time, in which files come and go.
  const problems = await problemsOf(check, readRepository());
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${problems.length === 0 ? '✓' : '✗'} ${check.name} (${seconds} s)`);
  for (const problem of problems) console.log(problem.replaceAll(/^/gm, '    '));
  return { name: check.name, passed: problems.length === 0 };
}

/**
 * A check that throws has failed, and the others still run.
 *
 * @param {Check} check
 * @param {import('./repository.mjs').Repository} repository
 */
async function problemsOf(check, repository) {
  try {
    return await check.run(repository);
  } catch (error) {
    if (error instanceof Interrupted) throw error;
    if (error instanceof Failure) return [error.message];
    return [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  }
}
